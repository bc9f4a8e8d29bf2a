import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Diagnostic, DraftRevision, Question } from '@parley/contracts';
import { canonicalJson } from '@parley/kernel';

/** What an approval covers: everything that decides what a run does. */
export interface RevisionContent {
  readonly source: string;
  readonly timezone: string;
}

/** The content hash that an approval is bound to. */
export function revisionHash({ source, timezone }: RevisionContent): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson({ source, timezone }))));
}

/** Why a revision cannot be approved, in words; empty when it can. */
export function obstaclesOf(
  revision: Pick<DraftRevision, 'questions' | 'diagnostics'> | undefined,
): string[] {
  if (revision === undefined) return ['There is nothing to approve yet.'];
  return [
    ...openQuestions(revision.questions).map(
      ({ number, text }) => `Question ${String(number)} is open: ${text}`,
    ),
    ...errorsOf(revision.diagnostics).map(
      ({ range, message }) => `Line ${String(range.start.line)}: ${message}`,
    ),
  ];
}

/** Questions that hold back an approval. */
export function openQuestions(questions: readonly Question[]): Question[] {
  return questions.filter(({ blocking, answer }) => blocking && answer === undefined);
}

export function errorsOf(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error');
}

/**
 * The questions that stay after a person has edited the text: their numbers are kept, because people
 * and later turns refer to them. A question about a task that the text no longer has is dropped.
 */
export function questionsAfterEdit(questions: readonly Question[], source: string): Question[] {
  return questions.filter(({ task }) => {
    const name = task?.split('/').at(-1);
    return name === undefined || source.includes(name);
  });
}
