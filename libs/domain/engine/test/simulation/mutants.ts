import type { Effect, RunState, Stimulus, Turn } from '../../src/index.js';
import { framesFrom } from '../../src/live-frames.js';
import type { Frame } from '../../src/state.js';
import { timersOf } from '../../src/effects.js';
import { realMachine, type Machine } from './simulator.js';

/** A machine with one bug, and how the bug must show. */
export interface Mutant extends Machine {
  readonly shows: RegExp;
}

/** A simulation that does not find all of these is worth little. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'effect before commit': { ...realMachine, releasesEarly: true, shows: /^W1/ },

  'event before commit': { ...realMachine, publishesEarly: true, shows: /^R1/ },

  'stale attempt accepted': {
    ...realMachine,
    shows: /^W2/,
    advance: (program, state, stimulus, now) =>
      realMachine.advance(program, state, currentAttempt(state, stimulus), now),
  },

  'unstable key': {
    ...realMachine,
    shows: /^W3/,
    advance: (program, state, stimulus, now) =>
      withEntries(state, realMachine.advance(program, state, stimulus, now), (key, attempt) =>
        attempt === 1 ? key : `${key}-${attempt}`,
      ),
  },

  'key changes on re-sending': {
    ...realMachine,
    shows: /^W1/,
    pendingEffects(state) {
      const recovery = realMachine.pendingEffects(state);
      const effects = recovery.effects.map((effect) =>
        effect.kind === 'call' ? { ...effect, key: `${effect.key}-again` } : effect,
      );
      return { ...recovery, effects };
    },
  },

  'timer generation ignored': {
    ...realMachine,
    shows: /other outcome/,
    advance: (program, state, stimulus, now) =>
      realMachine.advance(program, state, firstTimer(state, stimulus), now),
  },

  'evolve not pure': {
    ...realMachine,
    shows: /changed its argument/,
    advance(program, state, stimulus, now) {
      const turn = realMachine.advance(program, state, stimulus, now);
      for (const frame of turn.state.frames.values()) {
        Object.assign(state.frames.get(frame.occurrence) ?? {}, frame);
      }
      return turn;
    },
  },

  'timers lost at recovery': without((effect) => effect.kind === 'armTimer'),
  'approvals lost at recovery': without((effect) => effect.kind === 'openApproval'),
  'calls lost at recovery': without((effect) => effect.kind === 'call'),

  'cut turn forgotten at recovery': {
    ...realMachine,
    shows: /nothing is pending/,
    pendingEffects: (state) => ({ ...realMachine.pendingEffects(state), stimuli: [] }),
  },

  'once re-sent': {
    ...realMachine,
    shows: /^W3/,
    pendingEffects: (state) => realMachine.pendingEffects(asKeyed(state)),
  },

  'suspension forgotten at recovery': {
    ...realMachine,
    shows: /^S1/,
    pendingEffects({ suspended: _suspended, ...state }) {
      return realMachine.pendingEffects(state);
    },
  },

  'snapshot without pending effects': {
    ...realMachine,
    shows: /a snapshot/,
    snapshot(state) {
      const frames = [...state.frames].map(([occurrence, frame]) => [
        occurrence,
        frame.kind === 'call' ? { ...frame, call: undefined } : frame,
      ]);
      return realMachine.snapshot({
        ...state,
        frames: framesFrom(Object.fromEntries(frames) as Record<string, Frame>),
      });
    },
  },

  'snapshot without what is ready': {
    ...realMachine,
    shows: /a snapshot/,
    snapshot: (state) => realMachine.snapshot({ ...state, ready: [] }),
  },

  'last entry dropped by fold': {
    ...realMachine,
    shows: /folding/,
    fold: (state, entries) => realMachine.fold(state, entries.slice(0, -1)),
  },
};

function without(lost: (effect: Effect) => boolean): Mutant {
  return {
    ...realMachine,
    shows: /nothing is pending/,
    pendingEffects(state) {
      const recovery = realMachine.pendingEffects(state);
      return { ...recovery, effects: recovery.effects.filter((effect) => !lost(effect)) };
    },
  };
}

function currentAttempt(state: RunState, stimulus: Stimulus): Stimulus {
  if (!('attempt' in stimulus)) return stimulus;
  const attempt = state.frames.get(stimulus.occurrence)?.attempt ?? stimulus.attempt;
  return { ...stimulus, attempt };
}

function firstTimer(state: RunState, stimulus: Stimulus): Stimulus {
  if (stimulus.kind !== 'timerFired') return stimulus;
  const frame = state.frames.get(stimulus.occurrence);
  const generation = frame && timersOf(frame)[0]?.generation;
  return generation === undefined ? stimulus : { ...stimulus, generation };
}

/** The turn as it would be if keys were made in another way. */
function withEntries(
  before: RunState,
  turn: Turn,
  keyOf: (key: string, attempt: number) => string,
): Turn {
  const entries = turn.entries.map((entry) =>
    entry.kind === 'dispatched' ? { ...entry, key: keyOf(entry.key, entry.attempt) } : entry,
  );
  const effects = turn.effects.map((effect) =>
    effect.kind === 'call' ? { ...effect, key: keyOf(effect.key, effect.attempt) } : effect,
  );
  return { ...turn, entries, effects, state: realMachine.fold(before, entries) };
}

function asKeyed(state: RunState): RunState {
  const frames = [...state.frames].map(([occurrence, frame]) =>
    frame.kind === 'call' && frame.call !== undefined
      ? [occurrence, { ...frame, call: { ...frame.call, delivery: 'keyed' as const } }]
      : [occurrence, frame],
  );
  return { ...state, frames: framesFrom(Object.fromEntries(frames) as Record<string, Frame>) };
}
