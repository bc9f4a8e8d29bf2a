import { renderDefinition } from '@parley/dsl';
import type { SearchIndex } from '../catalogue/search.js';
import { planEdit } from '../draft/edit.js';
import { planRequest, type PlanContext } from '../plan/plan-request.js';
import type { People } from '../plan/world.js';
import type { Asked, LogEntry } from './questions.js';

export interface ComposeContext {
  readonly index: SearchIndex;
  readonly people: People;
  readonly timezone: string;
}

/** What a log of requests amounts to. */
export interface Composed {
  readonly source: string;
  readonly asked: readonly Asked[];
  readonly notes: readonly string[];
}

/** Makes the draft of a log again; the same log gives the same draft, byte for byte. */
export function compose(log: readonly LogEntry[], context: ComposeContext): Composed | undefined {
  let source: string | undefined;
  const asked: Asked[] = [];
  let notes: readonly string[] = [];
  for (const [entry, { base, text, answers }] of log.entries()) {
    const from = base ?? source;
    const plan: PlanContext = { ...context, answers: new Map(Object.entries(answers)) };
    if (from === undefined) {
      const planned = planRequest(text, plan);
      if (planned === undefined) return undefined;
      source = renderDefinition(planned.definition);
      asked.push(...planned.questions.map((question) => ({ question, entry })));
      notes = planned.notes;
    } else {
      const edited = planEdit(from, text, plan);
      if (edited === undefined) return undefined;
      source = edited.source;
      asked.push(...edited.questions.map((question) => ({ question, entry })));
      notes = edited.notes;
    }
  }
  return source === undefined ? undefined : { source, asked, notes };
}
