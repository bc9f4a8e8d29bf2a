import type { OperationInput } from '../catalogue/operation.js';
import { choicesOf, typeOf } from '../catalogue/schema.js';
import type { IndexedOperation } from '../catalogue/search.js';
import { proseWords, synonymsOf } from '../language/lexicon.js';
import { stem, stemsOf, wordsOf } from '../language/stem.js';
import type { Token } from '../language/tokens.js';
import type { Json } from '@parley/kernel';

export function isProse(item: OperationInput): boolean {
  const last = wordsOf(item.name).map(stem).at(-1) ?? '';
  return (
    typeOf(item.schema) === 'string' && proseWords.has(last) && item.schema['format'] === undefined
  );
}

/** Inputs whose values the clause itself gives: quotations, choices, numbers with their nouns. */
export function literalsOf(
  operation: IndexedOperation,
  words: readonly Token[],
): Map<string, Json> {
  const literals = new Map<string, Json>();
  const stems = words.flatMap((token) => [token.stem, ...stemsOf(token.lower)]);
  for (const item of operation.inputs) {
    if (item.in === 'header' || item.in === 'cookie') continue;
    const choice = choicesOf(item.schema).find((one) => {
      const parts = stemsOf(one);
      return parts.length > 0 && parts.every((part) => stems.includes(part));
    });
    if (choice !== undefined) literals.set(item.name, choice);
    else {
      const number = numberFor(item, words);
      if (number !== undefined) literals.set(item.name, number);
      else if (typeOf(item.schema) === 'boolean' && flagMeant(item, stems))
        literals.set(item.name, true);
    }
  }
  quotations(operation, words, literals);
  loneNumber(operation, words, literals);
  return literals;
}

function flagMeant(item: OperationInput, stems: readonly string[]): boolean {
  const named = stemsOf(item.name).filter(
    (word) => !/^(?:onli|is|be|has|have|includ|with)$/.test(word),
  );
  return named.length > 0 && named.every((word) => stems.includes(word));
}

/** "for 3 days" for `days`, "table 5" for `table`. */
function numberFor(item: OperationInput, words: readonly Token[]): Json | undefined {
  const type = typeOf(item.schema);
  if (type !== 'number' && type !== 'string') return undefined;
  const named = stemsOf(item.canonical).filter((word) => word !== 'id' && word !== 'number');
  if (named.length === 0) return undefined;
  for (let at = 0; at < words.length; at += 1) {
    const token = words[at];
    if (token?.value === undefined || (token.kind === 'word' && type === 'string')) continue;
    const after = words[at + 1]?.stem;
    const before = words[at - 1]?.stem;
    const near = named.some(
      (word) =>
        word === after || word === before || (after !== undefined && synonymsOf(word).has(after)),
    );
    if (near && (type === 'number' || before !== undefined)) {
      if (type === 'string' && !named.includes(before ?? '')) continue;
      return type === 'number' ? token.value : token.text;
    }
  }
  return undefined;
}

function loneNumber(
  operation: IndexedOperation,
  words: readonly Token[],
  literals: Map<string, Json>,
): void {
  const numbers = words.filter((token) => token.kind === 'number');
  const open = operation.inputs.filter(
    (item) => item.required && typeOf(item.schema) === 'number' && !literals.has(item.name),
  );
  const [number] = numbers;
  const [item] = open;
  const used = [...literals.values()].some((value) => value === number?.value);
  if (
    numbers.length === 1 &&
    open.length === 1 &&
    number?.value !== undefined &&
    item !== undefined &&
    !used
  ) {
    literals.set(item.name, number.value);
  }
}

function quotations(
  operation: IndexedOperation,
  words: readonly Token[],
  literals: Map<string, Json>,
): void {
  words.forEach((token, at) => {
    if (token.kind !== 'quote') return;
    const before = words[at - 1]?.stem ?? '';
    const open = operation.inputs.filter(
      (item) =>
        typeOf(item.schema) === 'string' &&
        !literals.has(item.name) &&
        choicesOf(item.schema).length === 0 &&
        item.in !== 'header',
    );
    const named = open.find((item) => {
      const own = stemsOf(item.name);
      return own.includes(before) || own.some((word) => synonymsOf(word).has(before));
    });
    const reader = open.filter(isProse);
    const prose = mainText(reader.filter((one) => one.required)) ?? mainText(reader);
    const item =
      (isReference(token.text) ? (named ?? prose) : (prose ?? named)) ??
      open.find((one) => one.required && one.in !== 'path');
    if (item !== undefined) literals.set(item.name, token.text);
  });
}

const headingWords = new Set(['subject', 'title', 'summary', 'reason', 'remark'].map(stem));

/** What a reader reads first of all is the message, not its heading. */
function mainText(inputs: readonly OperationInput[]): OperationInput | undefined {
  const isHeading = ({ name }: OperationInput) =>
    stemsOf(name).some((word) => headingWords.has(word));
  return inputs.find((one) => !isHeading(one)) ?? inputs[0];
}

/** Numbers and codes name things; words are for readers. */
function isReference(text: string): boolean {
  return /\d/.test(text) && !/\s/.test(text);
}
