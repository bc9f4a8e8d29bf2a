import { routes, type StartRun } from '@parley/contracts';
import type { GatheredRoute } from '@parley/nest-kit';
import type { Forwarding } from '../replicas/forwarding.js';
import type { RunsHttp } from './runs.http.js';

/** Single starts that come together: each is the start that it would be by itself. */
export function gatheredStarts(
  forwarding: Pick<Forwarding, 'startsHere'>,
  runs: Pick<RunsHttp, 'start'>,
): GatheredRoute {
  return {
    route: routes.startRun,
    isHere: ({ headers, caller }) => forwarding.startsHere({ headers }, caller),
    answer: ({ params, headers, body, caller }) =>
      runs.start(params['workflow'] ?? '', body as StartRun, headers, caller),
  };
}
