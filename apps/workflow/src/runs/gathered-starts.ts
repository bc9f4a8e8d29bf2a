import { routes, type StartRun } from '@parley/contracts';
import type { GatheredRoute } from '@parley/nest-kit';
import type { Forwarding } from '../replicas/forwarding.js';
import type { SingleStarts } from './single-starts.js';

/** Single starts that come together: each is the start that it would be by itself. */
export function gatheredStarts(
  forwarding: Pick<Forwarding, 'startsHere'>,
  starts: Pick<SingleStarts, 'start'>,
): GatheredRoute {
  return {
    route: routes.startRun,
    isHere: ({ headers, caller }) => forwarding.startsHere({ headers }, caller),
    answer: ({ params, headers, body, caller }) =>
      starts.start({ caller, headers }, params['workflow'] ?? '', body as StartRun),
  };
}
