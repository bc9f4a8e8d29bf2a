import type { Answer, Question } from '@parley/contracts';
import { stem, stemsOf } from '../language/stem.js';
import { subjectOf } from './questions.js';

/** Answers to open questions, and what of the text is left for the planner. */
export interface ReadAnswers {
  readonly answers: readonly Answer[];
  readonly rest: string;
}

const ordinals: Readonly<Record<string, number>> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
};

/** Chips come as answers; a text is one when it names an option, or when a free text is asked for. */
export function readAnswers(
  text: string,
  given: readonly Answer[],
  open: readonly Question[],
): ReadAnswers {
  const chips = given.flatMap((answer) => {
    const question = open.find(({ number }) => number === answer.question);
    const value = question === undefined ? undefined : valueOf(question, answer.value);
    return value === undefined ? [] : [{ question: answer.question, value }];
  });
  const left = open.filter(({ number }) => !chips.some((chip) => chip.question === number));
  if (chips.length > 0 && isEcho(text, chips, open)) return { answers: chips, rest: '' };
  const spoken = left.length === 0 ? [] : readText(text, left);
  if (spoken.length > 0) return { answers: [...chips, ...spoken], rest: '' };
  return { answers: chips, rest: text };
}

/** Clients send the label of a chip, or the values, as the text of the turn. */
function isEcho(text: string, chips: readonly Answer[], open: readonly Question[]): boolean {
  const plain = text.trim().toLowerCase();
  if (plain === '') return true;
  const texts = chips.flatMap(({ question, value }) => {
    const asked = open.find(({ number }) => number === question);
    const label = asked?.options.find((option) => option.value === value)?.label ?? value;
    return [
      value.toLowerCase(),
      label.toLowerCase(),
      `${question}: ${label}`.toLowerCase(),
      `${question}. ${label}`.toLowerCase(),
    ];
  });
  if (texts.includes(plain)) return true;
  const labels = texts.reduce((rest, one) => rest.replaceAll(one, ' '), plain);
  return stemsOf(labels).length <= 2;
}

function readText(text: string, open: readonly Question[]): Answer[] {
  const lines = text
    .split(/[\n;]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const numbered = lines.flatMap((line) => {
    const match = /^(?:question\s+|q\s*|#)?(\d{1,2})\s*[:.)=-]\s*(.+)$/i.exec(line);
    const question = open.find(({ number }) => number === Number(match?.[1]));
    const value = question === undefined ? undefined : valueOf(question, match?.[2] ?? '');
    return question === undefined || value === undefined
      ? []
      : [{ question: question.number, value }];
  });
  if (numbered.length === lines.length && numbered.length > 0) return numbered;
  for (const question of open) {
    const value = optionOf(question, text);
    if (value !== undefined) return [{ question: question.number, value }];
  }
  const free = open.filter((question) => subjectOf(question)?.free === true);
  const [only] = free;
  if (only !== undefined && open.length === 1 && isSaying(text, only.blocking)) {
    return [{ question: only.number, value: saidIn(text) }];
  }
  return [];
}

function valueOf(question: Question, said: string): string | undefined {
  return (
    optionOf(question, said) ?? (subjectOf(question)?.free === true ? saidIn(said) : undefined)
  );
}

/** The option that a text names: its number, its label, or enough of its words. */
function optionOf(question: Question, said: string): string | undefined {
  const { options } = question;
  const plain = said
    .trim()
    .toLowerCase()
    .replace(
      /^(?:(?:please|ok|yes|no)[, ]+)?(?:use|take|choose|pick|ask|it is|it's|i mean|i meant|let's use|with|go with)\s+/,
      '',
    )
    .replace(/[.!]+$/, '');
  const exact = options.find(
    ({ label, value }) =>
      [label.toLowerCase(), value.toLowerCase()].includes(plain) ||
      [label, value].includes(said.trim()),
  );
  if (exact !== undefined) return exact.value;
  const position =
    /^(?:the\s+|option\s+|number\s+|no\.?\s*|#)?(?:(\d)|([a-z]+))(?:st|nd|rd|th)?(?:\s+(?:one|option|choice))?$/.exec(
      plain,
    );
  const index = position?.[1] !== undefined ? Number(position[1]) : ordinals[position?.[2] ?? ''];
  if (index !== undefined && options[index - 1] !== undefined) return options[index - 1]?.value;
  if (plain === 'the last one' || plain === 'last') return options.at(-1)?.value;
  return likely(question, plain);
}

const fillers = new Set(
  'the a an one use with to of should be please it that please operation option role everybody'
    .split(' ')
    .map(stem),
);

function likely({ options }: Question, plain: string): string | undefined {
  const words = stemsOf(plain).filter((word) => !fillers.has(word));
  if (words.length === 0 || words.length > 6) return undefined;
  const hits = options.filter(({ label, value }) => {
    const own = new Set([...stemsOf(label), ...stemsOf(value)]);
    return words.every((word) => own.has(word));
  });
  return hits.length === 1 ? hits[0]?.value : undefined;
}

/**
 * Whether a text is meant as the answer to a question that any text answers. Where the draft works
 * without an answer, only what is plainly one counts; the rest is a request.
 */
function isSaying(text: string, blocking: boolean): boolean {
  const plain = text.trim();
  if (/^["“][^"”]+["”][.!]?$/.test(plain) || announced.test(plain)) return true;
  return blocking && !requestLike.test(plain);
}

const announced = /^(?:(?:it|the \w+) should (?:say|be|read)|say|write|make it say)\b/i;
const requestLike =
  /^(?:also|add|remove|drop|delete|instead|replace|when|if|before|after|first|then|change|rename|ask|please|skip|move|make|use|don't|do not|stop|only|retry|run|every|no longer)\b/i;

function saidIn(text: string): string {
  const quoted = /["“]([^"”]+)["”]/.exec(text)?.[1];
  return (
    quoted ??
    text
      .trim()
      .replace(
        /^(?:say|write|make it say|(?:it|the \w+) should (?:say|be|read)|text|message)[: ]+/i,
        '',
      )
  );
}
