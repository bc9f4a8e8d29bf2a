import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { permissionsOf } from '@parley/contracts';
import { AppError, assert } from '@parley/kernel';
import type { FastifyRequest } from 'fastify';
import { contextHeader, ContextTokens } from '../context-tokens.js';
import type { AnyContext } from '../scope.js';
import { endpointMetadata, type EndpointRoute, isInternal } from './endpoint.js';

/** Refuses every call without an acceptable context token and without the route's permission. */
@Injectable()
export class ContextGuard implements CanActivate {
  constructor(private readonly tokens: ContextTokens) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    if (execution.getType() === 'rpc') return true; // the bus knows who publishes; see BusStrategy
    const handler = execution.getHandler();
    const route = Reflect.getMetadata(endpointMetadata, handler) as EndpointRoute | undefined;
    assert(route, `handler ${handler.name} is not an @Endpoint`);
    if (!isInternal(route) && route.permission === undefined) return true;
    const request = execution.switchToHttp().getRequest<FastifyRequest>();
    const token = request.headers[contextHeader];
    if (typeof token !== 'string') {
      throw new AppError('unauthenticated', 'The call carries no context token.');
    }
    const context = await this.tokens.verify(token);
    authorize(context, route);
    if (request.scope) request.scope.context = context;
    return true;
  }
}

/** Whether the guard lets a request of this context through. */
export function isPermitted(context: AnyContext, route: EndpointRoute): boolean {
  try {
    authorize(context, route);
    return true;
  } catch {
    return false;
  }
}

function authorize(context: AnyContext, route: EndpointRoute): void {
  if (context.tenantId === undefined && route.tenantless !== true) {
    throw new AppError('unauthenticated', 'The context token names no tenant.');
  }
  if (isInternal(route) && context.kind !== 'work') {
    throw new AppError('forbidden', 'Only services may call this.');
  }
  const { permission } = route;
  if (permission !== undefined && !permissionsOf(context.roles).has(permission)) {
    throw new AppError(
      'forbidden',
      `This needs the permission "${permission}", which your roles (${context.roles.join(', ') || 'none'}) do not give. Ask an owner of the tenant.`,
    );
  }
}
