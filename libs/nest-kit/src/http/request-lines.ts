import type { Log } from '../logging.js';

export interface RequestFacts {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** Writes a line for each request that has been answered. */
export type RequestLines = (facts: RequestFacts, isQuiet?: boolean) => void;

/** What such a line tells can hold no secret, so nothing looks for one in it. */
export function requestLines(log: Log): RequestLines {
  const plain = log.child({}, { redact: [] });
  return (facts, isQuiet = false) => {
    const durationMs = Math.round(facts.durationMs * 10) / 10;
    plain[isQuiet ? 'trace' : 'info']({ ...facts, durationMs }, 'request');
  };
}
