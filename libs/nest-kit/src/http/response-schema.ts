import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { AppError } from '@parley/kernel';
import { map, type Observable } from 'rxjs';
import { endpointMetadata, type EndpointRoute } from './endpoint.js';

/** Reduces what a handler returns to the route's response schema; a misfit is our bug, not theirs. */
export class ResponseSchemaInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const handler = execution.getHandler();
    const route = Reflect.getMetadata(endpointMetadata, handler) as EndpointRoute | undefined;
    const schema = route?.response;
    if (!schema) return next.handle();
    return next.handle().pipe(map((value: unknown) => reducedTo(route, value)));
  }
}

/** What a handler returned, as far as the route's response schema has it. */
export function reducedTo(route: EndpointRoute, value: unknown): unknown {
  if (value === undefined || !route.response) return value; // the handler answered by itself
  const parsed = route.response.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('internal', `the answer of ${route.method} ${route.path} does not fit`, {
    cause: parsed.error,
  });
}
