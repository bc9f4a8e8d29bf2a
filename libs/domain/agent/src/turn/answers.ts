import type { Answer, Question } from '@parley/contracts';
import { stemsOf } from '../language/stem.js';
import { tokenize } from '../language/tokens.js';
import type { ComposeContext } from './compose.js';
import { meantOption, namedOption, withoutLead } from './options.js';
import { subjectOf } from './questions.js';
import { isBareValue, isEditLike, isRequest } from './shape.js';

/** What of a turn answers open questions, and what of the text is left for the planner. */
export interface ReadAnswers {
  readonly answers: readonly Answer[];
  /** Questions that something was said to which is no answer to them. */
  readonly misread: readonly Question[];
  readonly rest: string;
}

export interface Said {
  readonly text: string;
  /** Answers that a client gives by the number of the question. */
  readonly given: readonly Answer[];
  readonly open: readonly Question[];
  /** The draft that the questions are about. */
  readonly source: string;
}

/**
 * A1  What is said to a question by its number is an answer to it or is not understood; it is never
 *     taken for a request.
 * A2  Without a number a text is an answer when it names an option, or is a value where any value
 *     will do. Sentences that ask for something are requests, and leave the questions open.
 * A3  What is neither changes nothing.
 */
export function readAnswers(said: Said, context: ComposeContext): ReadAnswers {
  const { text, given, open } = said;
  const addressed = given.flatMap(({ question: number, value }): Addressed[] => {
    const question = open.find((one) => one.number === number);
    return question === undefined ? [] : [{ question, value }];
  });
  const chips = resolve(addressed, context);
  if (addressed.length > 0 && isEcho(text, addressed)) return { ...chips, rest: '' };
  const left = open.filter((question) => !addressed.some((one) => one.question === question));
  if (left.length === 0 || text.trim() === '') return { ...chips, rest: text };
  const spoken = readText(text, { ...said, open: left }, context);
  return {
    answers: [...chips.answers, ...spoken.answers],
    misread: [...chips.misread, ...spoken.misread],
    rest: spoken.rest,
  };
}

/** Something said to one question. */
interface Addressed {
  readonly question: Question;
  readonly value: string;
}

function resolve(
  addressed: readonly Addressed[],
  context: ComposeContext,
): Pick<ReadAnswers, 'answers' | 'misread'> {
  const read = addressed.map(({ question, value }) => ({
    question,
    value:
      optionOf(question, value, context) ??
      (isFree(question) ? saidIn(value, question) : undefined),
  }));
  return {
    answers: read.flatMap(({ question, value }) =>
      value === undefined ? [] : [{ question: question.number, value }],
    ),
    misread: read.flatMap(({ question, value }) => (value === undefined ? [question] : [])),
  };
}

function optionOf(question: Question, said: string, context: ComposeContext): string | undefined {
  return namedOption(question, said) ?? meantOption(question, said, context);
}

function isFree(question: Question): boolean {
  return subjectOf(question)?.free === true;
}

/** Whether the answer is a sentence, not the value of something. */
function isSentence(question: Question): boolean {
  return subjectOf(question)?.sentence === true;
}

/** Clients send the label of a chip, or the values, as the text of the turn. */
function isEcho(text: string, addressed: readonly Addressed[]): boolean {
  const plain = text.trim().toLowerCase();
  if (plain === '') return true;
  const texts = addressed.flatMap(({ question: { number, options }, value }) => {
    const label = options.find((option) => option.value === value)?.label ?? value;
    return [`${number}: ${label}`, `${number}. ${label}`, label, value].map((one) =>
      one.trim().toLowerCase(),
    );
  });
  if (texts.includes(plain)) return true;
  const others = texts.reduce((rest, one) => rest.replaceAll(one, ' '), plain);
  return stemsOf(others).length <= 2;
}

// By number

const separated =
  /^(?:question\s+|answer\s+|q\s*|no\.?\s*|#)?(\d{1,2})\s*(?:[:)=]|[.-](?!\d)|–|—)\s*(.+)$/is;
const spelledOut =
  /^(?:(?:for|on|as for|regarding|to) )?(?:question|number|answer|no\.?|q|#) ?(\d{1,2})[:,.)]?\s+(.+)$/is;
const led =
  /^(?:for|on|as for|regarding) (\d{1,2})(?:[:,]\s*|\s+(?=(?:use|take|choose|pick|ask|say|go|it|let|please|the)\b))(.+)$/is;

function numberedIn(line: string): { readonly number: number; readonly value: string } | undefined {
  if (/^\d{1,2}:\d{2}\b/.test(line)) return undefined;
  const match = separated.exec(line) ?? spelledOut.exec(line) ?? led.exec(line);
  const value = match?.[2]?.trim() ?? '';
  return match === null || value === '' ? undefined : { number: Number(match[1]), value };
}

const nextNumbered =
  /[\n;]+|,?\s+and\s+(?=(?:for |question |q|#)\s?\d)|,\s*(?=(?:question |q|#|for )?\s?\d{1,2}\s*[:)=])/i;

/** Every part begins with the number of an open question; else it may be a list of steps. */
function numberedAnswers(text: string, open: readonly Question[]): Addressed[] {
  const parts = text
    .split(nextNumbered)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const addressed = parts.flatMap((part): Addressed[] => {
    const found = numberedIn(part);
    const question = open.find(({ number }) => number === found?.number);
    return question === undefined || found === undefined ? [] : [{ question, value: found.value }];
  });
  return addressed.length === parts.length ? addressed : [];
}

// Without a number

function readText(text: string, said: Said, context: ComposeContext): ReadAnswers {
  const { open, source } = said;
  const numbered = numberedAnswers(text, open);
  if (numbered.length > 0) return { ...resolve(numbered, context), rest: '' };
  const named = firstOf(open, (question) => namedOption(question, text));
  if (named !== undefined) return answered(named);
  if (isEditLike(text)) return request(text);
  const meant = firstOf(open, (question) => meantOption(question, text, context));
  if (meant !== undefined) return answered(meant);
  const free = open.filter(isFree);
  const value = free.filter((question) => isValueFor(question, text, open));
  const [only, ...others] = value;
  const isPlain = isBareValue(text) || isAnnounced(text);
  if (isPlain && only !== undefined && others.length === 0) return answered(saying(only, text));
  if (isPlain && others.length > 0) return { answers: [], misread: value, rest: '' };
  if (isRequest(text, source, context)) return request(text);
  if (only !== undefined && open.length === 1) return answered(saying(only, text));
  const asked = open.find(({ blocking }) => blocking) ?? open[0];
  return { answers: [], misread: asked === undefined ? [] : [asked], rest: '' };
}

function request(text: string): ReadAnswers {
  return { answers: [], misread: [], rest: text };
}

function answered(answer: Answer): ReadAnswers {
  return { answers: [answer], misread: [], rest: '' };
}

function saying(question: Question, text: string): Answer {
  return { question: question.number, value: saidIn(text, question) };
}

function firstOf(
  open: readonly Question[],
  find: (question: Question) => string | undefined,
): Answer | undefined {
  for (const question of open) {
    const value = find(question);
    if (value !== undefined) return { question: question.number, value };
  }
  return undefined;
}

/** A value has few words; what a reader will read, or how to tell something, may be a sentence. */
const valueWordsMax = 8;

/**
 * Whether a text may be the answer to a question that any text answers. Where the draft works
 * without an answer, only what is plainly one counts.
 */
function isValueFor(question: Question, text: string, open: readonly Question[]): boolean {
  if (isQuoted(text) || isAnnounced(text)) return true;
  if (!question.blocking) return false;
  if (isSentence(question)) return !isBareValue(text) || open.length === 1;
  return tokenize(text).filter(({ kind }) => kind !== 'mark').length <= valueWordsMax;
}

function isQuoted(text: string): boolean {
  return /^["“][^"”]+["”][.!]?$/.test(text.trim());
}

const announcing =
  /^(?:(?:it|the \w+) should (?:say|be|read)|say|write|make it say|(?:the )?(?:text|message)(?: is)?:?)\s*:?\s+/i;

function isAnnounced(text: string): boolean {
  return announcing.test(text.trim());
}

/** The value itself, without its quotes and what leads up to it. */
function saidIn(text: string, question: Question): string {
  const plain = text.trim().replace(announcing, '');
  const whole = /^["“]([^"”]+)["”][.!]?$/.exec(plain)?.[1];
  const led = /^(?:[\w']+[\s:]+){1,4}["“]([^"”]+)["”][.!]?$/.exec(plain)?.[1];
  if (whole !== undefined || led !== undefined) return whole ?? led ?? plain;
  const bare = isSentence(question) ? '' : withoutLead(plain);
  return bare === '' ? plain : bare;
}
