import { stemsOf, wordsOf } from '../language/stem.js';
import type { AskIntent } from '../request/intents.js';
import { decisionEntity, joinJq } from './conditions.js';
import { conditionOf, openCondition } from './deciding.js';
import type { HumanStep, Step } from './model.js';
import { camelName } from './names.js';
import { everybody, findPeople } from './people.js';
import { type World, ask, contextJq, keyOf, sentence } from './world.js';
import type { JsonObject } from '@parley/kernel';

export function planAsk(world: World, intent: AskIntent, conditions: readonly string[]): Step[] {
  const test = intent.condition === undefined ? undefined : conditionOf(world, intent.condition);
  const open = intent.condition !== undefined && test === undefined;
  const all = [
    ...conditions,
    ...(test === undefined ? [] : [test.jq]),
    ...(open ? [openCondition] : []),
  ];
  const guard = all.length === 0 ? {} : { if: joinJq(all, 'and') };
  const before = test?.steps ?? [];
  const assignee = chooseWho(world, intent);
  const who = intent.who.map((token) => token.lower).join(' ');
  const name = world.names.take(camelName(['ask', ...wordsOf(who)], 'askSomebody'));
  if (assignee === undefined) {
    return [...before, { kind: 'open', name, text: intent.text, ...guard }];
  }
  world.sources = [
    ...world.sources,
    {
      kind: 'result',
      jq: contextJq(name),
      schema: decisionSchema,
      entity: decisionEntity,
      words: new Set(stemsOf(who)),
      step: name,
      conditional: all.length > 0,
    },
  ];
  const subject = world.entities.find(({ entity }) => entity !== '')?.entity;
  const title = titleOf(world, subject);
  const message = `${sentence(intent.condition?.text ?? intent.text)}.`;
  const step: HumanStep = {
    kind: 'human',
    name,
    assignee,
    title,
    message,
    data: '$workflow.input',
    ...guard,
  };
  return [...before, step];
}

const decisionSchema: JsonObject = {
  type: 'object',
  properties: {
    approved: { type: 'boolean' },
    decision: { type: 'string' },
    reason: { type: 'string' },
  },
};

function titleOf(world: World, subject: string | undefined): string {
  const noun = world.entityNames.get(subject ?? '');
  return noun === undefined ? 'Approve the next steps' : `Approve this ${noun}`;
}

function chooseWho(world: World, intent: AskIntent): HumanStep['assignee'] | undefined {
  const found = findPeople(world.people, intent.who);
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only.who;
  const who = intent.who.map((token) => token.text).join(' ');
  const options = found.length > 1 ? found : everybody(world.people);
  const key = keyOf(world, `who:${who.toLowerCase()}`);
  const answer = ask(world, {
    key,
    text:
      found.length > 1
        ? `Which "${who}" should be asked?`
        : `Nobody here is called "${who}". Who should be asked?`,
    blocking: true,
    options: options.map(({ label, value }) => ({ label, value })),
    free: false,
    step: camelName(['ask', ...wordsOf(who)], 'askSomebody'),
  });
  return everybody(world.people).find(({ value }) => value === answer)?.who;
}
