import type { AttributeValue } from '@parley/contracts';
import { err, ok, type Result } from '@parley/kernel';

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Tags as people write them: one a line. */
export function readTags(text: string): string[] {
  return [...new Set(linesOf(text))];
}

/** Search attributes as people write them, `name=value` a line. @returns or the line that is not */
export function readAttributes(text: string): Result<Attributes, string> {
  const attributes = new Map<string, AttributeValue>();
  for (const line of linesOf(text)) {
    const [, name, value = ''] = /^([A-Za-z][\w.-]*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) return err(line);
    attributes.set(name, readValue(value));
  }
  return ok(Object.fromEntries(attributes));
}

export function attributesText(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join('\n');
}

/** What makes the labels before into the labels after. */
export function labelChange(
  before: { readonly tags: readonly string[]; readonly attributes: Attributes },
  after: { readonly tags: readonly string[]; readonly attributes: Attributes },
) {
  const gone = Object.keys(before.attributes).filter((name) => !(name in after.attributes));
  const changed = Object.entries(after.attributes).filter(
    ([name, value]) => before.attributes[name] !== value,
  );
  return {
    addTags: after.tags.filter((tag) => !before.tags.includes(tag)),
    removeTags: before.tags.filter((tag) => !after.tags.includes(tag)),
    attributes: Object.fromEntries<AttributeValue | null>([
      ...changed,
      ...gone.map((name): [string, null] => [name, null]),
    ]),
  };
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const numberPattern = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Numbers, true and false are what they look like; quotes make a text of anything. */
function readValue(text: string): AttributeValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (numberPattern.test(text)) return Number(text);
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
}

function valueText(value: AttributeValue): string {
  if (typeof value !== 'string') return String(value);
  return readValue(value) === value && value === value.trim() ? value : `"${value}"`;
}
