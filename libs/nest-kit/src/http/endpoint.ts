import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
} from '@nestjs/common';
import { ROUTE_ARGS_METADATA, RouteParamtypes } from '@nestjs/common/internal';
import { RouteConfig } from '@nestjs/platform-fastify';
import { mayLackBody, type InternalRoute, type Permission, type Route } from '@parley/contracts';
import { currentContext } from '../scope.js';
import { reducedTo } from './response-schema.js';

/** A row of the public or of the internal route table. */
export type EndpointRoute = (Omit<Route, 'id'> | InternalRoute) & {
  readonly permission?: Permission;
  readonly tenantless?: boolean;
};

export const endpointMetadata = 'parley:endpoint';

/**
 * Makes a method the handler of a route: method, path, status, permission, largest body and the
 * schemas come from the table. `@Body()` and `@Query()` parameters are checked against the route's
 * schemas; what the handler returns is reduced to the response schema.
 *
 * @example
 * ```ts
 * @Endpoint(routes.addMember)
 * add(@Body() body: AddMember, @Caller() caller: Context): Promise<Member> { … }
 * ```
 */
export function Endpoint(route: EndpointRoute): MethodDecorator {
  return applyDecorators(
    reducedAnswer(route), // First: what the others know of a handler they keep with the function.
    RequestMapping({ path: nestPath(route.path), method: RequestMethod[route.method] }),
    HttpCode(route.status),
    SetMetadata(endpointMetadata, route),
    RouteConfig({ bodyBytesMax: route.bodyBytesMax }),
    argumentSchemas(route),
  );
}

/** The caller, as the context token proves it. */
export const Caller = createParamDecorator(() => currentContext());

export function isInternal(route: EndpointRoute): boolean {
  return route.path.startsWith('/internal/');
}

/** Not an interceptor of Nest's: with one, a dozen observables are set up for every request. */
function reducedAnswer(route: EndpointRoute): MethodDecorator {
  return (_target, _key, descriptor) => {
    if (route.response === undefined) return;
    const handler = descriptor.value as (...args: unknown[]) => unknown;
    const reduced = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
      return reducedTo(route, await handler.apply(this, args));
    };
    descriptor.value = reduced as typeof descriptor.value;
  };
}

/** `/v1/runs/{run}` as the router writes it. */
function nestPath(path: string): string {
  return path.replaceAll(/\{([^}]+)\}/g, ':$1');
}

interface ArgumentMetadata {
  readonly schema?: unknown;
  readonly data?: unknown;
}

/** Parameter decorators run before method decorators, so their metadata can be completed here. */
function argumentSchemas(route: EndpointRoute): MethodDecorator {
  const schemas = new Map<number, unknown>([
    [RouteParamtypes.BODY, mayLackBody(route) ? route.body?.prefault({}) : route.body],
    [RouteParamtypes.QUERY, route.query],
  ]);
  return (target, key) => {
    const declared = Reflect.getMetadata(ROUTE_ARGS_METADATA, target.constructor, key) as
      Record<string, ArgumentMetadata> | undefined;
    if (!declared) return;
    const completed = Object.entries(declared).map(([name, argument]) => {
      const schema = schemas.get(Number(name.slice(0, name.indexOf(':'))));
      const whole = argument.data === undefined && argument.schema === undefined;
      return [name, whole && schema ? { ...argument, schema } : argument] as const;
    });
    Reflect.defineMetadata(
      ROUTE_ARGS_METADATA,
      Object.fromEntries(completed),
      target.constructor,
      key,
    );
  };
}
