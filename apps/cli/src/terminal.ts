import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Everything that a command may touch of the process that it runs in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative files are meant from. */
  readonly cwd: string;
  /** Whether results go to a person's screen. */
  readonly isTty: boolean;
  /** Aborted when the person presses Ctrl-C. */
  readonly interrupted: AbortSignal;
  readonly fetch: typeof globalThis.fetch;
  /** Results; nothing else. */
  out(text: string): void;
  /** What a person should know and a script should not read. */
  err(text: string): void;
  readInput(): Promise<string>;
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { env, stdin, stdout, stderr } = process;
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader (head, less) has seen enough.
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  // npm runs its scripts at the root and keeps the person's folder in INIT_CWD.
  const typedIn = env.npm_lifecycle_event === 'parley' ? env.INIT_CWD : undefined;
  return {
    env,
    cwd: typedIn ?? resolve('.'),
    isTty: stdout.isTTY,
    interrupted: interrupt.signal,
    fetch: (input, init) => globalThis.fetch(input, init),
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
    now: () => Date.now(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  };
}
