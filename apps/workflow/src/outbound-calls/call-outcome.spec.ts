import { describe, expect, it } from '@jest/globals';
import type { OutboundFailure, OutboundResponse, ResponseBody } from '@parley/outbound';
import { outcomeOf } from './call-outcome.js';

function answer(status: number, body: ResponseBody = { kind: 'empty' }): OutboundResponse {
  return { kind: 'response', status, headers: {}, body, durationMs: 1 };
}

function failure(reason: OutboundFailure['reason'], sent: OutboundFailure['sent']) {
  return { kind: 'failure' as const, reason, sent, message: 'why', durationMs: 1 };
}

describe('what a run is told about an answer', () => {
  it.each<[ResponseBody, unknown]>([
    [{ kind: 'json', value: { a: 1 } }, { a: 1 }],
    [{ kind: 'text', text: 'hello' }, 'hello'],
    [{ kind: 'binary', base64: 'AA==', mediaType: 'image/png' }, 'AA=='],
    [{ kind: 'empty' }, null],
  ])('%j is its output', (body, output) => {
    expect(outcomeOf(answer(200, body))).toEqual({ kind: 'completed', output });
  });

  it.each([
    [301, 'communication', 'definitive'],
    [400, 'communication', 'definitive'],
    [401, 'authentication', 'definitive'],
    [403, 'authorization', 'definitive'],
    [404, 'communication', 'definitive'],
    [408, 'timeout', 'ambiguous'],
    [422, 'communication', 'definitive'],
    [429, 'communication', 'definitive'],
    [500, 'communication', 'ambiguous'],
    [503, 'communication', 'ambiguous'],
    [504, 'timeout', 'ambiguous'],
  ])('%i is a %s error, %s', (status, type, outcome) => {
    expect(outcomeOf(answer(status))).toMatchObject({
      kind: 'failed',
      error: { type: expect.stringMatching(`/${type}$`), status },
      outcome,
    });
  });

  it('problem documents speak for themselves', () => {
    const value = { title: 'Out of stock', detail: 'Only 2 left' };
    expect(outcomeOf(answer(409, { kind: 'json', value }))).toMatchObject({
      error: { title: 'Out of stock', detail: 'Only 2 left', status: 409 },
    });
  });

  it('located faults of a problem are told with it', () => {
    const errors = [{ pointer: '/items', message: 'must not be empty' }, { detail: 'no total' }];
    const value = { title: 'Invalid', detail: 'It does not fit.', errors };
    expect(outcomeOf(answer(422, { kind: 'json', value }))).toMatchObject({
      error: { detail: 'It does not fit. (/items: must not be empty; no total)' },
    });
  });

  it('a redirect is a success where the definition says so', () => {
    expect(outcomeOf(answer(302), { redirectIsSuccess: true }).kind).toBe('completed');
  });

  it('what claims to be JSON and is not may have had an effect', () => {
    const body = { kind: 'text', text: '{', brokenJson: true } as const;
    expect(outcomeOf(answer(200, body))).toMatchObject({ outcome: 'ambiguous' });
  });
});

describe('what a run is told about a failure', () => {
  it.each([
    [failure('not-approved', 'no'), 'authorization', 'definitive'],
    [failure('invalid-request', 'no'), 'validation', 'definitive'],
    [failure('unresolved', 'no'), 'communication', 'definitive'],
    [failure('unreachable', 'no'), 'communication', 'definitive'],
    [failure('tls', 'no'), 'communication', 'definitive'],
    [failure('timeout', 'no'), 'timeout', 'definitive'],
    [failure('timeout', 'maybe'), 'timeout', 'ambiguous'],
    [failure('interrupted', 'maybe'), 'communication', 'ambiguous'],
    [failure('interrupted', 'yes'), 'communication', 'ambiguous'],
    [failure('bad-response', 'yes'), 'communication', 'ambiguous'],
  ])('%j', (called, type, outcome) => {
    expect(outcomeOf(called)).toMatchObject({
      kind: 'failed',
      error: { type: expect.stringMatching(`/${type}$`), detail: 'why' },
      outcome,
    });
  });
});
