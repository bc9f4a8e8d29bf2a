import { planTurn } from '@parley/agent-domain';
import type { AgentTurn } from '@parley/contracts';
import type { Answerer, AnswerEvent, TurnContext } from './answerer.js';

/** Answers by the deterministic planner: no model, nothing leaves the installation. */
export class PlannerAnswerer implements Answerer {
  readonly agent = { kind: 'agent', id: 'planner', name: 'Offline planner' } as const;

  async *answer(turn: AgentTurn, context: TurnContext): AsyncGenerator<AnswerEvent> {
    const { catalogue, directory } = context;
    const planned = planTurn(turn, {
      catalogue,
      directory: { roles: directory.roles, members: directory.members },
      timezone: turn.draft?.timezone ?? directory.tenant.timezone,
    });
    for (const text of paragraphsOf(planned.reply)) yield { event: 'delta', text };
    yield {
      event: 'done',
      text: planned.reply,
      agent: this.agent,
      ...(planned.draft === undefined ? {} : { draft: planned.draft }),
      suggestions: [...planned.suggestions],
    };
  }
}

/** The text in pieces that keep every character. */
function paragraphsOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}
