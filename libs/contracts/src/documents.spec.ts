import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  allRoutes,
  asyncApiDocument,
  errorTable,
  eventType,
  jsonSchemas,
  messageReceived,
  openApiDocument,
} from './index.js';

const goldens = resolve(import.meta.dirname, '../goldens');

const busy = ['429', '500', '503', '504'];

interface Operation {
  readonly operationId: string;
  readonly security?: unknown;
  readonly parameters: readonly { name: string; in: string; required: boolean }[];
  readonly responses: object;
}

function operations(): Operation[] {
  const paths = openApiDocument()['paths'] as Record<string, Record<string, Operation>>;
  return Object.values(paths).flatMap((item) => Object.values(item));
}

function schemaOfEvent(type: string): unknown {
  const { messages } = asyncApiDocument()['components'] as { messages: Record<string, unknown> };
  return messages[type];
}

/** Whether there is something at this path of a document. */
function at(document: unknown, path: string): boolean {
  const found = path
    .split('/')
    .reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | undefined)?.[key],
      document,
    );
  return found !== undefined;
}

describe('generated documents', () => {
  it.each([
    ['json-schema.json', jsonSchemas],
    ['openapi.json', openApiDocument],
    ['asyncapi.json', asyncApiDocument],
  ])('%s is what was reviewed', (name, make) => {
    const text = `${JSON.stringify(make(), null, 2)}\n`;
    const file = join(goldens, name);
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(goldens, { recursive: true });
      writeFileSync(file, text);
    }
    // A difference is a change of the public contract: review it, then run with UPDATE_GOLDEN=1.
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  it('let answers and events have more members later, and requests not', () => {
    const { Run, StartRun } = jsonSchemas();
    expect(Run).not.toHaveProperty('additionalProperties');
    expect(StartRun).toHaveProperty('additionalProperties', false);
    expect(JSON.stringify(schemaOfEvent('parley.workflow.run.started.v1'))).not.toContain(
      'additionalProperties',
    );
  });

  it('have no dangling references', () => {
    for (const document of [openApiDocument(), asyncApiDocument()]) {
      const used = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g);
      for (const [, path = ''] of used) expect([path, at(document, path)]).toEqual([path, true]);
    }
  });

  it.each([
    [
      'clientConfig',
      { security: [], responses: ['200', '400', '422', '429', '500', '503', '504'] },
    ],
    [
      'startTurn',
      {
        headers: { 'Idempotency-Key': false },
        responses: ['202', ...['400', '401', '403', '404', '409', '413', '415', '422'], ...busy],
      },
    ],
    [
      'editDraft',
      {
        headers: { 'If-Match': true },
        responses: [
          ...['201', '400', '401', '403', '404', '409', '412', '413', '415', '422', '428'],
          ...busy,
        ],
      },
    ],
    ['runEvents', { headers: { 'Last-Event-ID': false } }],
    // It begins with the whole state each time.
    ['conversationEvents', { headers: {} }],
  ])('tell of %s what a client must know', (id, expected) => {
    const operation = operations().find(({ operationId }) => operationId === id);
    const headers = (operation?.parameters ?? []).filter((parameter) => parameter.in === 'header');
    expect({
      security: operation?.security,
      headers: Object.fromEntries(headers.map(({ name, required }) => [name, required])),
      responses: Object.keys(operation?.responses ?? {}),
    }).toMatchObject(expected);
  });
});

describe('routes', () => {
  it('are told apart by method and path', () => {
    const seen = allRoutes().map(
      (route) => `${route.method} ${route.path.replace(/\{\w+\}/g, '{}')}`,
    );
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('name only codes of the error table', () => {
    for (const route of allRoutes()) {
      for (const code of route.errors ?? []) expect(Object.keys(errorTable)).toContain(code);
    }
  });
});

describe('events', () => {
  const facts = { id: 'evt_1', tenantId: 'ten_aaaa', key: 'cnv_aaaa', timeMs: 0 };
  const data = { conversationId: 'cnv_aaaa', messageId: 'msg_aaaa', by: 'mem_aaaa' };

  it('are built as CloudEvents with their subject', () => {
    expect(messageReceived.create(data, facts)).toMatchObject({
      specversion: '1.0',
      type: 'parley.conversation.message.received.v1',
      subject: 'conversations.cnv_aaaa.message',
      tenantid: 'ten_aaaa',
      time: '1970-01-01T00:00:00.000Z',
    });
  });

  it('are refused with data that does not fit, and tolerate members that are not known', () => {
    expect(() => messageReceived.create({ ...data, messageId: 'x' }, facts)).toThrow(
      'does not fit',
    );
    const event = { ...messageReceived.create(data, facts), data: { ...data, later: 1 } };
    expect(eventType(event.type)?.parse(event).data).toEqual(data);
  });
});

it('every event says what its subject looks like, with members that its data has', () => {
  const { messages } = asyncApiDocument()['components'] as {
    messages: Record<string, { description: string; payload: { allOf: object[] } }>;
  };
  expect(messages['parley.workflow.run.started.v1']?.description).toBe(
    'Subject: workflows.{workflowId}.executions.{runId}.started',
  );
  for (const { description, payload } of Object.values(messages)) {
    const names = [...description.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const name of names)
      expect(JSON.stringify(payload.allOf[1])).toContain(`"${String(name)}":`);
  }
});
