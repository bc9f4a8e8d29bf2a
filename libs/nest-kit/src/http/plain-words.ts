/** What a schema found, as far as it says it in a form of its own. */
export interface Finding {
  readonly message: string;
  readonly code?: string;
  readonly origin?: string;
  readonly expected?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly inclusive?: boolean;
}

/** Messages of the validator itself; what a schema says in its own words stays. */
const ownWords = /^(?:Too (?:big|small)|Invalid input): expected /;

const units: Readonly<Record<string, string>> = {
  string: 'character',
  array: 'item',
  set: 'item',
  object: 'member',
  record: 'member',
};

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** The common findings in words for people, with the limit; the message itself for others. */
export function plainWords(finding: Finding, value: unknown): string {
  const { message, code, minimum, maximum, expected = '' } = finding;
  if (!ownWords.test(message)) return message;
  if (code === 'too_small' && minimum !== undefined) return tooSmall(finding, Number(minimum));
  if (code === 'too_big' && maximum !== undefined) return tooBig(finding, Number(maximum));
  const kind = Object.hasOwn(kinds, expected) ? kinds[expected] : undefined;
  if (code !== 'invalid_type' || kind === undefined) return message;
  return value === undefined ? `This is missing: ${kind} is needed` : `This must be ${kind}`;
}

function tooSmall({ origin = '', inclusive }: Finding, limit: number): string {
  const unit = units[origin];
  if (unit === undefined) return `This must be ${inclusive ? 'at least' : 'more than'} ${limit}`;
  if (limit === 1 && inclusive) return 'This must not be empty';
  return `This must have ${inclusive ? 'at least' : 'more than'} ${counted(limit, unit)}`;
}

function tooBig({ origin = '', inclusive }: Finding, limit: number): string {
  const unit = units[origin];
  if (unit === undefined) return `This must be ${inclusive ? 'at most' : 'less than'} ${limit}`;
  return `This may have ${inclusive ? 'at most' : 'less than'} ${counted(limit, unit)}`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
