import type { Members } from './members.js';

/** Members that every task may have. */
export const commonMembers: Members = {
  if: {},
  input: {},
  output: {},
  export: {},
  timeout: {},
  then: {},
  metadata: {},
};

/** Keywords that say what a task does, and what each brings with it. */
export const taskKeywords = {
  call: { call: { required: true }, with: { required: true } },
  do: { do: { required: true } },
  for: { for: { required: true }, while: {}, do: { required: true } },
  fork: { fork: { required: true } },
  raise: { raise: { required: true } },
  set: { set: { required: true } },
  switch: { switch: { required: true } },
  try: { try: { required: true }, catch: { required: true } },
  wait: { wait: { required: true } },
} as const satisfies Record<string, Members>;

export type TaskKeyword = keyof typeof taskKeywords;

/** Keywords of the language that this version does not run. */
export const laterKeywords: ReadonlySet<string> = new Set(['emit', 'listen', 'run']);

export function isTaskKeyword(key: string): key is TaskKeyword {
  return Object.hasOwn(taskKeywords, key);
}
