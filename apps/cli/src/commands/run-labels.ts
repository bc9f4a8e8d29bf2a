import type { AttributeValue } from '@parley/contracts';
import { InvalidArgumentError } from 'commander';

/** Parser of an option that may be given several times. */
export function several(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** Parser of `name=value` given several times: numbers, true and false are what they look like. */
export function attributes(
  text: string,
  before: Readonly<Record<string, AttributeValue>> = {},
): Record<string, AttributeValue> {
  const [, name, value = ''] = /^([A-Za-z][\w.-]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('it must be like customer=ada');
  return { ...before, [name]: valueOf(value) };
}

function valueOf(text: string): AttributeValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return Number(text);
  return /^".*"$/s.test(text) ? text.slice(1, -1) : text;
}
