import type { Ir } from '@parley/ir';
import { isJsonObject, type Json } from '@parley/kernel';

/** What a run can be found by. */
export interface Labels {
  /** Without repeats, in the order in which they were added. */
  readonly tags: readonly string[];
  /** Search attributes by name. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export type AttributeValue = string | number | boolean;

export const labelLimits = {
  tagsMax: 32,
  attributesMax: 32,
  nameLengthMax: 64,
  textLengthMax: 256,
} as const;

export const noLabels: Labels = { tags: [], attributes: {} };

/** What somebody changes about the labels of a run. */
export interface LabelChange {
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
  /** null takes an attribute away. */
  readonly attributes?: Readonly<Record<string, AttributeValue | null>>;
}

export function changedLabels(labels: Labels, change: LabelChange): Labels {
  const removed = new Set(change.removeTags ?? []);
  const tags = [...labels.tags, ...(change.addTags ?? [])].filter((tag) => !removed.has(tag));
  const attributes = Object.entries({ ...labels.attributes, ...change.attributes });
  const kept = attributes.filter((entry): entry is [string, AttributeValue] => entry[1] !== null);
  return { tags: [...new Set(tags)], attributes: Object.fromEntries(kept) };
}

/** Why a run cannot have these labels; undefined when it can. */
export function labelProblem({ tags, attributes }: Labels): string | undefined {
  const { tagsMax, attributesMax } = labelLimits;
  if (tags.length > tagsMax) return `A run has at most ${tagsMax} tags.`;
  const count = Object.keys(attributes).length;
  return count > attributesMax
    ? `A run has at most ${attributesMax} search attributes.`
    : undefined;
}

const known = new WeakMap<Ir, Labels>();

/**
 * What the definition gives its runs: `document.metadata.tags`, a list, and
 * `document.metadata.searchAttributes`, values by name. What cannot be a label is left out.
 */
export function labelsOf(ir: Ir): Labels {
  const before = known.get(ir);
  if (before !== undefined) return before;
  const { metadata } = ir.document;
  const named = metadata?.['searchAttributes'];
  const attributes = isJsonObject(named) ? Object.entries(named) : [];
  const listed = metadata?.['tags'];
  const labels = {
    tags: [...new Set(Array.isArray(listed) ? listed.filter(isTag) : [])].slice(
      0,
      labelLimits.tagsMax,
    ),
    attributes: Object.fromEntries(
      attributes
        .filter((entry): entry is [string, AttributeValue] => isName(entry[0]) && isValue(entry[1]))
        .slice(0, labelLimits.attributesMax),
    ),
  };
  known.set(ir, labels);
  return labels;
}

export function isName(name: string): boolean {
  return name.length <= labelLimits.nameLengthMax && /^[A-Za-z][A-Za-z0-9_.-]*$/.test(name);
}

function isTag(tag: Json): tag is string {
  const { nameLengthMax } = labelLimits;
  return typeof tag === 'string' && tag !== '' && tag.length <= nameLengthMax && isPlainText(tag);
}

function isValue(value: Json): value is AttributeValue {
  if (typeof value === 'string') {
    return value.length <= labelLimits.textLengthMax && isPlainText(value);
  }
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

/** No control characters, U+0000 among them, and no half of a surrogate pair. */
export function isPlainText(text: string): boolean {
  return !/\p{Cc}/u.test(text) && text.isWellFormed();
}
