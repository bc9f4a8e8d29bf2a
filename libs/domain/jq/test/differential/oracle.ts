import { loadJq, type Jq } from 'jq-wasm';

/** What a program does with an input: the text of its outputs, or that it fails. */
export type Outcome =
  | { readonly kind: 'done'; readonly text: string }
  /** It does not compile. */
  | { readonly kind: 'invalid' }
  /** The oracle itself breaks: out of memory, or beyond the dates of JavaScript. */
  | { readonly kind: 'broken' };

export interface Pair {
  readonly program: string;
  readonly input: string;
  /** The feature for which the pair was made. */
  readonly feature: string;
}

/** Most outputs of one program that are compared. */
const OUTPUTS_MAX = 30;

/** Makes of a program one that always has one output: its outputs, or its error. */
export function observed(program: string): string {
  return `try {o: [limit(${OUTPUTS_MAX}; (${program}\n))]} catch {e: .}`;
}

/** Starting jq costs more than running a program, so that many run at once. */
const BATCH = 25;

export class Oracle {
  private constructor(private jq: Jq) {}

  static async load(): Promise<Oracle> {
    return new Oracle(await loadJq());
  }

  async run(pairs: readonly Pair[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (let at = 0; at < pairs.length; at += BATCH) {
      outcomes.push(...(await this.batch(pairs.slice(at, at + BATCH))));
    }
    return outcomes;
  }

  /** One batch; in halves when one of its programs does not compile. */
  private async batch(pairs: readonly Pair[]): Promise<Outcome[]> {
    const program = pairs.map((pair, i) => `(.[${i}] | ${observed(pair.program)})`).join(',\n');
    const input = `[${pairs.map((pair) => pair.input).join(',')}]`;
    const lines = await this.lines(input, program);
    if (lines?.length === pairs.length) return lines.map((text) => ({ kind: 'done', text }));
    if (pairs.length === 1) return [{ kind: lines === undefined ? 'broken' : 'invalid' }];
    const middle = Math.ceil(pairs.length / 2);
    const first = await this.batch(pairs.slice(0, middle));
    return [...first, ...(await this.batch(pairs.slice(middle)))];
  }

  /** Undefined when the oracle broke; it is started anew. */
  private async lines(input: string, program: string): Promise<string[] | undefined> {
    try {
      const { stdout, exitCode } = this.jq.raw(input, program, ['-c']);
      return exitCode === 0 && stdout !== '' ? stdout.split('\n') : [];
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.jq = await loadJq();
      return undefined;
    }
  }
}
