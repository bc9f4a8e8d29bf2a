/** A script and what it is given. */
export interface ScriptJob {
  readonly code: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

export interface ScriptLimits {
  /** After this long a script is interrupted; a little later its thread is ended. */
  readonly workMsMax: number;
  /** All that the sandbox may hold, the engine's own share included. */
  readonly memoryMebibytesMax: number;
  /** Bytes on both streams together. */
  readonly outputBytesMax: number;
}

/** How a script ended; the text of an exception is the script's own. */
export type ScriptAnswer =
  | {
      readonly kind: 'ended';
      readonly code: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: 'thrown'; readonly message: string; readonly place?: Place }
  | { readonly kind: 'stopped'; readonly reason: 'time' | 'memory' | 'output' | 'waiting' };

/** Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What a thread for scripts is given once. */
export interface ScriptThreadData {
  readonly wasm: WebAssembly.Module;
  readonly prelude: string;
  readonly limits: ScriptLimits;
}
