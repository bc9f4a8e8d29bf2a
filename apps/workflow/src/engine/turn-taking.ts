import {
  advance,
  TooHeavy,
  type LoadedIr,
  type Occurrence,
  type RunState,
  type Stimulus,
  type Turn,
} from '@parley/engine';
import { notOwnerError } from './flusher.js';
import type { LiveRun } from './live-runs.js';
import { bounded } from './bounded.js';
import { withoutFuel } from './record-turn.js';
import type { RunFacts } from './turn-record.js';

/** Steps of expressions, some 15 ms at most, above which a turn is taken elsewhere. */
export const sharedEvaluationMax = 150_000;

/**
 * How long a place of a definition whose turn was too much work is taken to be so again, in whatever run:
 * to find that out costs what the limit is.
 */
const heavyMs = 10_000;
const heavyPlacesMax = 1_000;

/** What one turn may use while several tenants are at work: whoever comes next waits for less. */
const sharedNodesMax = 64;
const sharedBytesMax = 16 * 1024;

/** Everything that decides what a turn is. */
export interface TurnRequest {
  /** Of the run. */
  readonly facts: Pick<RunFacts, 'tenantId' | 'priority'>;
  readonly program: LoadedIr;
  readonly state: RunState;
  readonly stimulus: Stimulus;
  readonly now: number;
}

/** Takes a turn on another thread. @throws AppError `too-large`, `unavailable` */
export type TakeElsewhere = (request: TurnRequest) => Promise<Turn>;

export interface TurnTakerOptions {
  /** Whether several tenants are at work. */
  readonly isShared: () => boolean;
  /** Where turns are taken that are too much work for the thread that all runs share. */
  readonly elsewhere: TakeElsewhere | undefined;
  /** Whether of lists that grow only what is new is written. */
  readonly listsGrow: () => boolean;
  /** Whether this is the run in memory still. */
  readonly isKept: (run: LiveRun) => boolean;
}

/** Takes turns: at once, or elsewhere when one is too much work. */
export class TurnTaker {
  private readonly options: TurnTakerOptions;
  /** Until when, by the place; the latest at the end. */
  private readonly heavyUntil = new Map<string, number>();
  /** Programs, by what they are while lists are written whole. */
  private readonly programs = new WeakMap<LoadedIr, LoadedIr>();

  constructor(options: TurnTakerOptions) {
    this.options = options;
  }

  /**
   * Of a turn that is too much work what happened is noted here, and what follows from it is the next
   * turn: so nobody who has said something waits for it, and nothing that was said can be lost.
   * @throws AppError `too-large`
   */
  take(request: TurnRequest): Turn | Promise<Turn> {
    const { isShared, elsewhere, listsGrow } = this.options;
    const whole = listsGrow() ? this.growing(request.program) : request.program;
    const program = isShared() ? sparing(whole) : whole;
    const asked = { ...request, program };
    if (elsewhere === undefined || !this.isHeavy(request)) {
      const turn = here(asked);
      if (turn !== undefined) return turn;
      if (elsewhere === undefined) throw new TooHeavy();
      this.noteHeavy(request);
    }
    const isSaid = request.stimulus.kind !== 'continue';
    return (
      (isSaid ? here({ ...asked, program: withoutFuel(program) }) : undefined) ?? elsewhere(asked)
    );
  }

  private growing(program: LoadedIr): LoadedIr {
    const known = this.programs.get(program);
    if (known !== undefined) return known;
    const growing = { ...program, limits: { ...program.limits, listsGrow: true } };
    this.programs.set(program, growing);
    return growing;
  }

  private isHeavy(request: TurnRequest): boolean {
    for (const [place, until] of this.heavyUntil) {
      if (until > request.now) break;
      this.heavyUntil.delete(place);
    }
    // Most of the time there is none, and no turn pays for its name.
    return this.heavyUntil.size > 0 && this.heavyUntil.has(placeOf(request));
  }

  private noteHeavy(request: TurnRequest): void {
    const place = placeOf(request);
    this.heavyUntil.delete(place);
    this.heavyUntil.set(place, request.now + heavyMs);
    const [oldest = place] = this.heavyUntil.keys();
    if (this.heavyUntil.size > heavyPlacesMax) this.heavyUntil.delete(oldest);
  }

  /**
   * Commits a turn that is taken elsewhere when it is back. Until then the run stays in memory, and
   * whatever else happens to it waits (E5): it sees the run as this turn leaves it.
   */
  async whenBack(
    run: LiveRun,
    taken: Promise<Turn>,
    commit: (turn: Turn) => Promise<unknown>,
  ): Promise<Turn> {
    const { promise: away, resolve: back } = Promise.withResolvers<undefined>();
    run.away = away;
    run.pending += 1;
    try {
      const turn = await taken;
      if (!this.options.isKept(run)) throw notOwnerError();
      const committed = commit(turn);
      returned();
      await committed;
      return turn;
    } finally {
      returned();
    }
    function returned() {
      if (run.away !== away) return;
      run.pending -= 1;
      run.away = undefined;
      back(undefined);
    }
  }
}

/** Where in its definition a run is when the turn begins, and what begins it. */
function placeOf({ facts, program, state, stimulus }: TurnRequest): string {
  const { occurrence = '' } = stimulus as { readonly occurrence?: Occurrence };
  const about = state.frames.get(occurrence)?.node ?? '';
  const next = state.ready.at(-1);
  const node = next?.do === 'enter' ? next.node : '';
  return `${facts.tenantId} ${program.ir.hash} ${stimulus.kind} ${about} ${next?.do ?? ''} ${node}`;
}

/** @returns undefined when it is too much work */
function here({ program, state, stimulus, now }: TurnRequest): Turn | undefined {
  try {
    return bounded(() => advance(program, state, stimulus, now));
  } catch (error) {
    if (error instanceof TooHeavy) return undefined;
    throw error;
  }
}

/** A machine that takes a long way in more turns. */
function sparing({ limits, ...program }: LoadedIr): LoadedIr {
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
