import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Diagnostic, DraftRevision, Question } from '@parley/contracts';
import { canonicalJson } from '@parley/kernel';

/** What an approval covers: everything that decides what a run does. */
export interface RevisionContent {
  readonly source: string;
  readonly timezone: string;
  /** Hash of the compiled definition: connectors and documents that it names are in it. */
  readonly irHash?: string;
}

/** The content hash that an approval is bound to. */
export function revisionHash({ source, timezone, irHash }: RevisionContent): string {
  const content = { source, timezone, ...(irHash === undefined ? {} : { irHash }) };
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(content))));
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
    ...hindrancesIn(revision.diagnostics).map(
      (found) => `Line ${String(found.range.start.line)}: ${hindranceInWords(found)}`,
    ),
  ];
}

/** Questions that hold back an approval. */
export function openQuestions(questions: readonly Question[]): Question[] {
  return questions.filter(({ blocking, answer }) => blocking && answer === undefined);
}

/** What is a warning in a text and forbids to publish it, with what helps. */
const forbidding: Readonly<Record<string, string>> = {
  // What the language has and this version does not run.
  PL1060: 'Use another step in its place, or remove it.',
  // A schedule that never starts a run, with nobody there to see it.
  PL1064:
    'Give the steps values of their own and take these out of what the input must have, or remove the schedule.',
  // What runs processes, and was not enabled when the text was looked at.
  PL1065: 'Save the draft again when it is, or use another step in its place.',
  // A document outside that nobody could read: a version pins every one of them.
  PL1070:
    'Make it readable at a public address or name another one, then save the draft again to have it read again.',
};

/** The diagnostics that hold back an approval: no version could be made of the text. */
export function hindrancesIn(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(
    ({ severity, code }) => severity === 'error' || Object.hasOwn(forbidding, code),
  );
}

/** What is wrong, and what helps when the message alone does not say that. */
export function hindranceInWords({ code, message }: Diagnostic): string {
  const cure = forbidding[code];
  return cure === undefined ? message : `${message.replace(/\.$/, '')}. ${cure}`;
}

/** Whether a document outside of the definition has not been read. */
export function hasUnreadDocuments(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ code }) => code === unreadCode);
}

const unreadCode = 'PL1070';

/** Whether a step needs something that runs only where it has been enabled. */
export function needsExecutors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ code }) => code === executorCode);
}

const executorCode = 'PL1065';

/** The diagnostics, without those of what is enabled; the others say that it is not, and how it would be. */
export function withExecutors(
  diagnostics: readonly Diagnostic[],
  enabled: readonly string[],
): Diagnostic[] {
  return diagnostics.flatMap((diagnostic) => {
    const { code, actual = '' } = diagnostic;
    if (code !== executorCode) return diagnostic;
    const executor = actual.replace(/^run: /, '');
    if (enabled.includes(executor)) return [];
    const message = `"${actual}" is not enabled on this installation: whoever operates it can do so with PARLEY_EXECUTORS=${executor}`;
    return { ...diagnostic, message };
  });
}

/** The diagnostics, with why a document could not be read. @param reasons by address */
export function withReasons(
  diagnostics: readonly Diagnostic[],
  reasons: ReadonlyMap<string, string>,
): Diagnostic[] {
  return diagnostics.map((diagnostic) => {
    const { code, actual = '', message } = diagnostic;
    const reason = code === unreadCode ? reasons.get(actual) : undefined;
    if (reason === undefined) return diagnostic;
    const what = message.replace(/has not been read yet\.?$/, 'could not be read');
    return { ...diagnostic, message: `${what}: ${reason}` };
  });
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
