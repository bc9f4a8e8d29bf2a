import { AppError } from '@parley/kernel';
import type { EndpointRoute } from './endpoint.js';

/** What a handler returned, as far as the route's response schema has it; a misfit is our bug, not theirs. */
export function reducedTo(route: EndpointRoute, value: unknown): unknown {
  if (value === undefined || !route.response) return value; // the handler answered by itself
  const parsed = route.response.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('internal', `the answer of ${route.method} ${route.path} does not fit`, {
    cause: parsed.error,
  });
}
