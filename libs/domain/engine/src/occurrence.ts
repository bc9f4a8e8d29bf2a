import type { NodeId } from '@parley/ir';
import { err, ok, type Result } from '@parley/kernel';

/**
 * Names one execution of a task inside a run, e.g. `do/eachItem[2]/do/reserve#3!2`.
 *
 * O1  Canonical: one occurrence has one text; `formatOccurrence(parseOccurrence(x)) === x`.
 * O2  `#n` counts the visits of a task within one pass through its scope (`then` may jump back);
 *     `!n` is the rerun generation (an operator ran it again); both are left out when 1.
 * O3  `[i]` after an owner is the iteration of a `for` or the branch of a `fork` that the rest is in.
 *     An occurrence that ends with it is an item of a `map`.
 * O4  Retries by policy keep the occurrence and raise the attempt; so a result is addressed by
 *     (occurrence, attempt) and nothing else.
 * O5  The characters `% [ ] # !` of task names are percent-encoded, so O2 and O3 stay parseable.
 */
export type Occurrence = string;

/** The run itself: the owner of the root scope. */
export const rootOccurrence: Occurrence = '';

export interface OccurrenceStep {
  /** Part of the static id since the last step, e.g. `do/eachItem` and then `/do/reserve`. */
  readonly path: string;
  readonly visit: number;
  readonly generation: number;
  readonly index?: number;
}

export interface ParsedOccurrence {
  readonly node: NodeId;
  readonly steps: readonly OccurrenceStep[];
}

/** The occurrence of a task whose static id continues its owner's id by `tail` (already encoded). */
export function childOccurrence(
  parent: Occurrence,
  tail: string,
  place: { readonly index?: number; readonly visit: number },
): Occurrence {
  const base = place.index === undefined ? parent + tail : `${parent}[${place.index}]${tail}`;
  return place.visit === 1 ? base : `${base}#${place.visit}`;
}

/** One item of a `map`: the owner of what is done for it. */
export function itemOccurrence(map: Occurrence, index: number): Occurrence {
  return `${map}[${index}]`;
}

/** The task that something inside belongs to: an item stands for its map. */
export function taskOccurrence(occurrence: Occurrence): Occurrence {
  return occurrence.endsWith(']') ? occurrence.replace(/\[\d+\]$/, '') : occurrence;
}

/** The same execution, run again: its rerun generation is one higher. */
export function nextGeneration(occurrence: Occurrence): Occurrence {
  const match = /!(\d+)$/.exec(occurrence);
  if (match === null) return `${occurrence}!2`;
  return `${occurrence.slice(0, match.index)}!${Number(match[1]) + 1}`;
}

/** The occurrence without rerun generations: what a person sees as one step. */
export function logicalOccurrence(occurrence: Occurrence): Occurrence {
  return occurrence.includes('!') ? occurrence.replace(/!\d+/g, '') : occurrence;
}

/** Encodes (a part of) a static id for use inside an occurrence (O5). */
export function encodeNodePath(path: string): string {
  return /[%[\]#!]/.test(path) ? path.replace(/[%[\]#!]/g, percentEncode) : path;
}

export function parseOccurrence(text: string): Result<ParsedOccurrence, string> {
  const steps: OccurrenceStep[] = [];
  let node = '';
  let position = 0;
  for (const match of text.matchAll(stepPattern)) {
    if (match.index !== position) break;
    position += match[0].length;
    const path = decodeURIComponent(match[1] ?? '');
    node += path;
    steps.push({
      path,
      visit: Number(match[2] ?? 1),
      generation: Number(match[3] ?? 1),
      ...(match[4] === undefined ? {} : { index: Number(match[4]) }),
    });
  }
  const parsed = { node, steps };
  const canonical = position === text.length && formatOccurrence(parsed) === text;
  return canonical ? ok(parsed) : err(`not an occurrence: ${JSON.stringify(text.slice(0, 200))}`);
}

export function formatOccurrence(parsed: ParsedOccurrence): Occurrence {
  return parsed.steps
    .map((step) => {
      const visit = step.visit === 1 ? '' : `#${step.visit}`;
      const generation = step.generation === 1 ? '' : `!${step.generation}`;
      const index = step.index === undefined ? '' : `[${step.index}]`;
      return encodeNodePath(step.path) + visit + generation + index;
    })
    .join('');
}

const stepPattern = /((?:[^%[\]#!]|%(?:25|5B|5D|23|21))+)(?:#(\d+))?(?:!(\d+))?(?:\[(\d+)\])?/g;

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
