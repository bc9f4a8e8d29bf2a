import {
  advance,
  TooHeavy,
  type LoadedIr,
  type RunState,
  type Stimulus,
  type Turn,
} from '@parley/engine';
import { bounded } from './record-turn.js';

/** Everything that decides what a turn is. */
export interface TurnRequest {
  /** Whose run it is. */
  readonly tenantId: string;
  readonly program: LoadedIr;
  readonly state: RunState;
  readonly stimulus: Stimulus;
  readonly now: number;
}

/** Takes a turn on another thread. @throws AppError `too-large` */
export type TakeElsewhere = (request: TurnRequest) => Promise<Turn>;

/** What one turn may use while several tenants are at work: whoever comes next waits for less. */
const sharedNodesMax = 200;
const sharedBytesMax = 32 * 1024;

/** A machine that takes a long way in more turns. */
export function sparing({ limits, ...program }: LoadedIr): LoadedIr {
  const { turnNodesMax, turnBytesMax } = limits;
  return {
    ...program,
    limits: {
      ...limits,
      turnNodesMax: Math.min(turnNodesMax, sharedNodesMax),
      turnBytesMax: Math.min(turnBytesMax, sharedBytesMax),
    },
  };
}

/**
 * Takes a turn at once, or elsewhere when it is too much work for the thread that all runs share.
 * @throws AppError `too-large`
 */
export function takeTurn(
  request: TurnRequest,
  elsewhere: TakeElsewhere | undefined,
): Turn | Promise<Turn> {
  const { program, state, stimulus, now } = request;
  try {
    return bounded(() => advance(program, state, stimulus, now));
  } catch (error) {
    if (!(error instanceof TooHeavy) || elsewhere === undefined) throw error;
    return elsewhere(request);
  }
}
