import type { Operation } from '@parley/contracts';

const keyHeaderPattern = /^(?:x-)?idempotency-key$/i;

/** Whether a header parameter of this name takes an idempotency key. */
export function isKeyHeader(name: string): boolean {
  return keyHeaderPattern.test(name);
}

/** What repeating a call of this method does (RFC 9110), and whether the receiver drops repeats. */
export function deliveryOf(method: Operation['method'], takesKey: boolean): Operation['delivery'] {
  switch (method) {
    case 'GET':
    case 'HEAD':
    case 'OPTIONS':
    case 'TRACE':
      return 'safe';
    case 'PUT':
    case 'DELETE':
      return 'idempotent';
    case 'POST':
    case 'PATCH':
      return takesKey ? 'keyed' : 'once';
  }
}
