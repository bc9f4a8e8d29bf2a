import type { Question } from '@parley/contracts';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import type { OpenQuestion } from '../plan/model.js';

/** One request that the draft was made of, with what was answered about it. */
export interface LogEntry {
  /** The definition that the request changed; absent when it made a new one. */
  readonly base?: string;
  readonly text: string;
  readonly answers: Readonly<Record<string, string>>;
}

/** What a question carries so that its answer can be applied later. */
export interface Subject {
  readonly key: string;
  readonly free: boolean;
  readonly sentence: boolean;
  /** Index of the request in the log. */
  readonly entry: number;
  readonly log: readonly LogEntry[];
}

export function subjectOf(question: Question | undefined): Subject | undefined {
  const subject = question?.subject;
  if (!isJsonObject(subject)) return undefined;
  const { key, free, sentence, entry, log } = subject;
  if (typeof key !== 'string' || typeof entry !== 'number' || !Array.isArray(log)) return undefined;
  return {
    key,
    free: free === true,
    sentence: sentence === true,
    entry,
    log: log.flatMap(readEntry),
  };
}

function readEntry(entry: Json): LogEntry[] {
  if (!isJsonObject(entry) || typeof entry['text'] !== 'string') return [];
  const { base, text } = entry;
  const answers = isJsonObject(entry['answers'])
    ? Object.entries(entry['answers']).flatMap(([key, value]) =>
        typeof value === 'string' ? [[key, value] as const] : [],
      )
    : [];
  return [
    { text, answers: Object.fromEntries(answers), ...(typeof base === 'string' ? { base } : {}) },
  ];
}

export interface Asked {
  readonly question: OpenQuestion;
  readonly entry: number;
}

/**
 * Questions keep their numbers. Answered ones stay, so that no number is used twice, and so do open
 * ones of requests that cannot be made again because somebody has changed the draft since.
 */
export function numberQuestions(
  before: readonly Question[],
  asked: readonly Asked[],
  log: readonly LogEntry[],
): Question[] {
  const known = new Map(
    openOnes(before)
      .filter((question) => madeIn(log, question))
      .map((question) => [identityOf(subjectOf(question)), question]),
  );
  let next = Math.max(0, ...before.map((question) => question.number)) + 1;
  const open = asked.map(({ question, entry }): Question => {
    const same = known.get(`${entry} ${question.key}`);
    const number = same?.number ?? next++;
    return {
      number,
      text: question.text,
      blocking: question.blocking,
      options: question.options.map((option) => ({ ...option })),
      ...(question.step === undefined ? {} : { task: question.step }),
      subject: subjectJson({
        key: question.key,
        free: question.free,
        sentence: question.sentence === true,
        entry,
        log,
      }),
    };
  });
  const numbers = new Set(open.map(({ number }) => number));
  const kept = before.filter(
    (question) =>
      !numbers.has(question.number) && (question.answer !== undefined || !madeIn(log, question)),
  );
  return [...kept, ...open].sort((a, b) => a.number - b.number);
}

/** Whether a question came from a request of this log. */
export function madeIn(log: readonly LogEntry[], question: Question | undefined): boolean {
  const subject = subjectOf(question);
  const now = subject === undefined ? undefined : log[subject.entry];
  const then = subject?.log[subject.entry];
  return now !== undefined && now.text === then?.text && now.base === then.base;
}

/** Whether two questions ask the same about the same request, whatever their numbers. */
export function isSameQuestion(one: Question, other: Question): boolean {
  const subject = subjectOf(one);
  return subject !== undefined && identityOf(subject) === identityOf(subjectOf(other));
}

function identityOf(subject: Subject | undefined): string {
  return subject === undefined ? '' : `${subject.entry} ${subject.key}`;
}

function subjectJson({ key, free, sentence, entry, log }: Subject): JsonObject {
  return {
    key,
    free,
    ...(sentence ? { sentence } : {}),
    entry,
    log: log.map(({ base, text, answers }) => ({
      ...(base === undefined ? {} : { base }),
      text,
      answers: { ...answers },
    })),
  };
}

export function openOnes(questions: readonly Question[]): Question[] {
  return questions.filter(({ answer }) => answer === undefined);
}
