import type { Operation } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import { isJsonMedia } from '../operations/media.js';
import { sampleOf } from './sample.js';

/** What a successful call would answer. */
export interface MockResponse {
  readonly status: number;
  /** Null when the answer has no content. */
  readonly body: Json;
}

/** A successful answer made from the document alone, the same every time, for dry runs. */
export function mockResponse(operation: Pick<Operation, 'response'>): MockResponse {
  const { response } = operation;
  const status = /^\d{3}$/.test(response?.status ?? '') ? Number(response?.status) : 200;
  if (response?.schema === undefined || response.mediaType === undefined) {
    return { status, body: null };
  }
  const body = sampleOf(response.schema);
  if (isJsonMedia(response.mediaType) || typeof body === 'string') return { status, body };
  return { status, body: body === null ? 'text' : body };
}
