import { runError, type ErrorTypeName, type RunError } from '@parley/engine';
import { isJsonObject, type Json } from '@parley/kernel';
import type { OutboundFailure, OutboundOutcome, OutboundResponse } from '@parley/outbound';
import type { CallOutcome } from '../engine/engine.js';
import type { NotCalled } from './connector-caller.js';

const detailLengthMax = 1_000;

/**
 * What a run is told about a call. `definitive`: it had no effect, so it may be made again, with a
 * new idempotency key. `ambiguous`: it may have had one.
 */
export function outcomeOf(
  called: OutboundOutcome | NotCalled,
  options: { readonly redirectIsSuccess?: boolean } = {},
): CallOutcome {
  if (called.kind === 'not-called') {
    return refused(called.reason, 'The call could not be made', called.message);
  }
  if (called.kind === 'failure') return failed(called);
  const successMax = options.redirectIsSuccess === true ? 399 : 299;
  if (called.status < 200 || called.status > successMax) return answeredWithError(called);
  const { body } = called;
  if (body.kind === 'text' && body.brokenJson === true) {
    const error = runError('communication', 'The answer is not JSON', {
      status: 502,
      detail: `The call answered ${called.status} with something that says it is JSON and is not.`,
    });
    return { kind: 'failed', error, outcome: 'ambiguous' };
  }
  return { kind: 'completed', output: contentOf(called) };
}

/** The content of an answer as data: parsed JSON, text, or bytes as base64; null when there is none. */
export function contentOf({ body }: OutboundResponse): Json {
  switch (body.kind) {
    case 'empty':
      return null;
    case 'json':
      return body.value as Json;
    case 'text':
      return body.text;
    case 'binary':
      return body.base64;
  }
}

/** A failure before anything was sent. */
export function refused(type: ErrorTypeName, title: string, detail: string): CallOutcome {
  return { kind: 'failed', error: runError(type, title, { detail }), outcome: 'definitive' };
}

function answeredWithError(response: OutboundResponse): CallOutcome {
  const { status, retryAfterMs } = response;
  const error: RunError = runError(typeOfStatus(status), titleOf(response), {
    status,
    detail: detailOf(response),
  });
  return {
    kind: 'failed',
    error,
    outcome: isDefinitive(status) ? 'definitive' : 'ambiguous',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function isDefinitive(status: number): boolean {
  return status >= 300 && status < 500 && status !== 408;
}

function typeOfStatus(status: number): ErrorTypeName {
  if (status === 401 || status === 407) return 'authentication';
  if (status === 403) return 'authorization';
  return status === 408 || status === 504 ? 'timeout' : 'communication';
}

function titleOf({ status, body }: OutboundResponse): string {
  const title = body.kind === 'json' && isJsonObject(body.value) ? body.value['title'] : undefined;
  if (typeof title === 'string' && title !== '') return title.slice(0, 200);
  if (status === 429) return 'The called system has too many requests';
  return status < 400
    ? 'The answer is a redirect, which is not followed'
    : `The call answered ${status}`;
}

function detailOf(response: OutboundResponse): string {
  const { body, headers } = response;
  if (response.status < 400)
    return `It leads to ${(headers['location'] ?? 'nowhere').slice(0, 500)}.`;
  if (body.kind === 'json' && isJsonObject(body.value)) {
    const { detail, message, error } = body.value;
    const said = [detail, message, error].find((text) => typeof text === 'string' && text !== '');
    if (typeof said === 'string') {
      const faults = faultsOf(body.value['errors']);
      return (faults === '' ? said : `${said} (${faults})`).slice(0, detailLengthMax);
    }
  }
  const content = contentOf(response);
  if (content === null) return `The call answered ${response.status} without content.`;
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return text.slice(0, detailLengthMax);
}

const faultsMax = 3;

/** The first located faults of a problem document, e.g. `/items: must not be empty`. */
function faultsOf(errors: Json | undefined): string {
  if (!Array.isArray(errors)) return '';
  const texts = errors.slice(0, faultsMax).map((fault) => {
    if (!isJsonObject(fault)) return typeof fault === 'string' ? fault : '';
    const where = [fault['pointer'], fault['path'], fault['field']].find(
      (x) => typeof x === 'string',
    );
    const what = [fault['message'], fault['detail']].find((x) => typeof x === 'string');
    return [where, what].filter((x) => x !== undefined).join(': ');
  });
  return texts.filter((text) => text !== '').join('; ');
}

const failures: Readonly<
  Record<OutboundFailure['reason'], { type: ErrorTypeName; status: number; title: string }>
> = {
  'invalid-request': { type: 'validation', status: 400, title: 'The call is not well-formed' },
  'not-approved': { type: 'authorization', status: 403, title: 'The address is not approved' },
  unresolved: { type: 'communication', status: 503, title: 'The host is not known' },
  unreachable: { type: 'communication', status: 503, title: 'The host cannot be reached' },
  tls: { type: 'communication', status: 502, title: 'There is no secure connection' },
  timeout: { type: 'timeout', status: 408, title: 'The call took too long' },
  aborted: { type: 'timeout', status: 408, title: 'The call was given up' },
  interrupted: { type: 'communication', status: 502, title: 'The connection broke' },
  'bad-response': { type: 'communication', status: 502, title: 'The answer cannot be used' },
};

function failed({ reason, sent, message }: OutboundFailure): CallOutcome {
  const { type, status, title } = failures[reason];
  const error = runError(type, title, { status, detail: message });
  return { kind: 'failed', error, outcome: sent === 'no' ? 'definitive' : 'ambiguous' };
}
