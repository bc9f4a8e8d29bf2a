import { hash } from 'node:crypto';
import { AppError, canonicalJson, type Json } from '@parley/kernel';

const keyPattern = /^[\x21-\x7e]{1,200}$/;

/**
 * The Idempotency-Key of a request, if it has one.
 * @throws AppError `malformed` unless it is 1 to 200 visible ASCII characters.
 */
export function idempotencyKeyOf(headers: Readonly<Record<string, unknown>>): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && keyPattern.test(key)) return key;
  throw new AppError(
    'malformed',
    'Idempotency-Key must be 1 to 200 visible ASCII characters without spaces.',
  );
}

/** The refusal of a key that another request has used. */
export function keyReused(key: string): AppError {
  return new AppError(
    'key-reused',
    `The idempotency key ${key} was used for another request; use a new one.`,
  );
}

/** SHA-256 of what a request asks for; equal requests have equal fingerprints. */
export function requestFingerprint(...parts: readonly (Json | undefined)[]): string {
  const text = canonicalJson(parts.map((part) => part ?? null));
  return hash('sha256', text);
}

/**
 * The hash that an If-Match header names, without its quotes.
 * @throws AppError `precondition-required` when it is absent, `malformed` when it is not one ETag.
 */
export function ifMatchOf(headers: Readonly<Record<string, unknown>>): string {
  const value = headers['if-match'];
  if (value === undefined || value === '') {
    throw new AppError('precondition-required', 'Send the hash that you saw as If-Match.');
  }
  const match =
    typeof value === 'string' ? /^(?:W\/)?"?([\x21\x23-\x7e]{1,200}?)"?$/.exec(value) : null;
  if (!match?.[1] || match[1] === '*') {
    throw new AppError('malformed', 'If-Match must name exactly one revision hash.');
  }
  return match[1];
}
