import type { Finding } from '../diagnostics/reporter.js';
import { languageVariables } from '../expressions/variables.js';

/** What other languages write and jq does not, and what jq writes instead. */
interface Habit {
  /** At the place of the mistake. */
  readonly written: RegExp;
  readonly cure: string;
  /** What to put there. */
  readonly newText?: string;
}

const habits: readonly Habit[] = [
  { written: /^&&/, cure: 'jq writes "and"', newText: 'and' },
  { written: /^\|\|/, cure: 'jq writes "or"', newText: 'or' },
  { written: /^===/, cure: 'jq writes "=="', newText: '==' },
  { written: /^!==/, cure: 'jq writes "!="', newText: '!=' },
  { written: /^'(?:[^'"\\]*')?/, cure: 'jq puts texts in double quotes' },
  { written: /^\$(?=\.[A-Za-z_])/, cure: 'the data itself is "."', newText: '' },
  { written: /^!/, cure: 'jq writes "… | not"' },
  { written: /^\?(?=[^:]*:)/, cure: 'jq writes "if … then … else … end"' },
];

/** Operators that begin before the place where jq stumbles. */
const backMax = 2;

export interface Habitual {
  readonly cure: string;
  readonly fix?: { readonly offset: number; readonly length: number; readonly newText: string };
}

/** What a mistake in an expression may be a habit of. */
export function habitAt(source: string, offset: number): Habitual | undefined {
  for (let back = 0; back <= Math.min(backMax, offset); back += 1) {
    const from = offset - back;
    const rest = source.slice(from, from + 200);
    for (const { written, cure, newText } of habits) {
      const found = written.exec(rest)?.[0];
      if (found === undefined || found.length <= back) continue;
      const text = found.startsWith("'") && found.length > 1 ? `"${found.slice(1, -1)}"` : newText;
      return {
        cure,
        ...(text !== undefined && { fix: { offset: from, length: found.length, newText: text } }),
      };
    }
  }
  return undefined;
}

/** Where a condition assigns (`.a = 1`) and nothing is done with the result. */
export function assignmentIn(source: string): number | undefined {
  if (!source.includes('=')) return undefined;
  const bare = source.replaceAll(/"(?:[^"\\]|\\.)*"/g, (text) => ' '.repeat(text.length));
  if (/\||\bdef\b|#/.test(bare)) return undefined;
  const found = /(?<![=!<>+\-*/%?])=(?!=)/.exec(bare);
  return found?.index;
}

/** A name that is no function: the data's own members begin with a dot. */
export function memberMeant(
  source: string,
  offset: number,
): Pick<Finding, 'suggestions'> | undefined {
  const name = /^[A-Za-z_]\w*(?=\s*(?:\.|\[|[=!<>]=?|[-+*/%|,)}\]]|$|and\b|or\b))/.exec(
    source.slice(offset, offset + 200),
  )?.[0];
  return name === undefined ? undefined : { suggestions: [`.${name}`] };
}

const textLengthMax = 200;

/** Whether a text is a path into data; endings of file names (`.tar.gz`) are short. */
export function looksLikeRead(text: string, variables: readonly string[]): boolean {
  if (text.length > textLengthMax) return false;
  if (/^(?:\.[A-Za-z_]\w*|\[\d*\])+$/.test(text)) {
    return /^\.\w+[.[]/.test(text) && /\w{4}|\[/.test(text);
  }
  const name = /^\$([A-Za-z_]\w*)(?:\.[A-Za-z_]\w*|\[\d*\])*$/.exec(text)?.[1];
  return name !== undefined && (languageVariables.includes(name) || variables.includes(name));
}
