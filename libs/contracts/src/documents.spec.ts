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

  it('have no dangling references', () => {
    for (const document of [openApiDocument(), asyncApiDocument()]) {
      const known = new Set(Object.keys((document['components'] as { schemas: object }).schemas));
      const used = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
      for (const [, name] of used) expect(known).toContain(name);
    }
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
