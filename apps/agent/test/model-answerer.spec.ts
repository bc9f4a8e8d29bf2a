import { afterEach, describe, expect, it } from '@jest/globals';
import type { AgentTurn, AgentTurnEvent, Catalogue, Directory, Operation } from '@parley/contracts';
import { compileDefinition } from '@parley/dsl';
import { ModelAnswerer } from '../src/turns/model-answerer.js';
import { ScriptedModel, type Round } from './scripted-model.js';

const operation = (id: string, method: Operation['method'], path: string): Operation => ({
  id,
  method,
  path,
  summary: id.replaceAll(/([A-Z])/g, ' $1').toLowerCase(),
  tags: [],
  deprecated: false,
  parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  })),
  delivery: method === 'GET' ? 'safe' : 'once',
  security: [],
  response: { status: '200', mediaType: 'application/json', schema: { type: 'object' } },
});

const catalogue: Catalogue = {
  connectors: [
    {
      name: 'library',
      title: 'Library',
      documentHash: 'h',
      operations: [
        operation('getBook', 'GET', '/books/{bookId}'),
        operation('lendBook', 'POST', '/books/{bookId}/lend'),
      ],
    },
  ],
};
const directory: Directory = {
  tenant: { id: 'ten_test', name: 'T', timezone: 'UTC', createdAt: '2026-01-01T00:00:00Z' },
  roles: ['librarian'],
  members: [],
};

let model: ScriptedModel | undefined;

afterEach(async () => {
  await model?.stop();
});

async function answer(
  rounds: readonly Round[],
  turn: Partial<AgentTurn> = {},
): Promise<AgentTurnEvent[]> {
  await model?.stop();
  model = await ScriptedModel.start(rounds);
  const answerer = new ModelAnswerer({ baseUrl: model.baseUrl, model: 'scripted', apiKey: 'key' });
  const asked: AgentTurn = {
    turnId: 'trn_test',
    conversationId: 'cnv_test',
    text: 'Get the book and lend it',
    answers: [],
    history: [],
    ...turn,
  };
  const context = { catalogue, directory, signal: new AbortController().signal };
  const events: AgentTurnEvent[] = [];
  for await (const event of answerer.answer(asked, context)) events.push(event);
  return events;
}

function doneOf(events: readonly AgentTurnEvent[]) {
  const last = events.at(-1);
  if (last?.event !== 'done') throw new Error(`ended with ${JSON.stringify(last)}`);
  return last;
}

const addStep = (name: string, op: string) => ({
  name: 'addStep',
  arguments: { name, operation: `library/${op}` },
});
const setBook = (step: string) => ({
  name: 'setInput',
  arguments: { step, input: 'bookId', expression: '$workflow.input.bookId' },
});
const declare = {
  name: 'setWorkflowInput',
  arguments: { name: 'bookId', type: 'string', required: true },
};

describe('a model', () => {
  it('builds a draft with tools that name only what exists, and streams what it says', async () => {
    const events = await answer([
      { calls: [declare, addStep('getBook', 'getBook'), setBook('getBook')] },
      { calls: [addStep('lendBook', 'lendBook'), setBook('lendBook')] },
      { text: 'It looks up the book and lends it.' },
    ]);
    const done = doneOf(events);
    const compiled = compileDefinition(done.draft?.source ?? '', { catalogue });
    expect(compiled.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(Object.keys(compiled.ir?.nodes ?? {})).toEqual(['do/getBook', 'do/lendBook']);
    const deltas = events.flatMap((event) => (event.event === 'delta' ? [event.text] : []));
    expect(deltas.length).toBeGreaterThan(2);
    expect(deltas.join('')).toBe(done.text);
    // The change is told by the platform, from the two texts.
    expect(done.text).toContain('What changed:');
    const addStepTool = model?.requests[0]?.tools.find((tool) => tool.function.name === 'addStep');
    expect(JSON.stringify(addStepTool)).toContain('library/lendBook');
  });

  it('is refused an operation that does not exist, and can go on', async () => {
    const done = doneOf(
      await answer([
        { calls: [addStep('burnBook', 'burnBook')] },
        { calls: [declare, addStep('getBook', 'getBook'), setBook('getBook')] },
        { text: 'Only the look-up is possible.' },
      ]),
    );
    expect(done.draft?.source).not.toContain('burnBook');
    expect(JSON.stringify(model?.requests[1]?.messages)).toContain('Refused:');
  });

  it('gets the faults of its draft back, at most three times, and then they are told', async () => {
    const forgetful = [{ calls: [addStep('getBook', 'getBook')] }, { text: 'Done.' }];
    const repaired = doneOf(
      await answer([...forgetful, { calls: [declare, setBook('getBook')] }, { text: 'Repaired.' }]),
    );
    expect(repaired.text).not.toContain('does not work yet');
    expect(JSON.stringify(model?.requests[2]?.messages)).toContain('bookId');

    const stubborn = [
      ...forgetful,
      { text: 'No.' },
      { text: 'No.' },
      { text: 'No.' },
      { text: 'No.' },
    ];
    const told = doneOf(await answer(stubborn));
    expect(told.text).toContain('The draft does not work yet:');
    expect(model?.requests).toHaveLength(5);
  });

  it('asks, and the questions are numbered and answered by chips', async () => {
    const ask = {
      name: 'askUser',
      arguments: { question: 'Who decides?', blocking: true, options: ['librarian', 'nobody'] },
    };
    const done = doneOf(await answer([{ calls: [ask] }, { text: 'One question.' }]));
    expect(done.draft?.questions).toMatchObject([
      { number: 1, text: 'Who decides?', blocking: true },
    ]);
    expect(done.suggestions.map(({ label }) => label)).toEqual(['librarian', 'nobody']);
  });

  it('leaves every other step byte for byte as it was', async () => {
    const source = doneOf(
      await answer([
        { calls: [declare, addStep('getBook', 'getBook'), setBook('getBook')] },
        { text: 'Done.' },
      ]),
    ).draft?.source;
    const draft = { source: `# ours\n${source ?? ''}`, timezone: 'UTC', questions: [] };
    const done = doneOf(
      await answer(
        [{ calls: [addStep('lendBook', 'lendBook'), setBook('lendBook')] }, { text: 'Added.' }],
        { draft, text: 'Also lend the book' },
      ),
    );
    expect(done.draft?.source.startsWith(draft.source.trimEnd())).toBe(true);
  });

  it('is not sent to mend what it did not do, and the person is told', async () => {
    const built = doneOf(
      await answer([
        { calls: [declare, addStep('getBook', 'getBook'), setBook('getBook')] },
        { text: 'Done.' },
      ]),
    ).draft?.source;
    const source = `${built ?? ''}  - box:\n      run: { script: { language: python, code: pass } }\n`;
    const done = doneOf(
      await answer(
        [{ calls: [addStep('lendBook', 'lendBook'), setBook('lendBook')] }, { text: 'Added.' }],
        { draft: { source, timezone: 'UTC', questions: [] }, text: 'Also lend the book' },
      ),
    );
    expect(model?.requests).toHaveLength(2);
    expect(JSON.stringify(model?.requests[0]?.messages)).toContain('cannot be approved as it is');
    expect(done.text).not.toContain('does not work yet');
    expect(done.text).toMatch(
      /cannot be approved as it is[^]*`run: script in "python"`[^]*not tried/,
    );
  });

  it('says so when the endpoint refuses', async () => {
    await expect(answer([{ status: 401 }])).rejects.toMatchObject({ code: 'not-available' });
  });
});
