// Runs scripts, one at a time, each in a sandbox of its own: an interpreter in WebAssembly whose
// memory is thrown away afterwards. What a script can reach of the host is `write` and `exit` below.
import { parentPort, workerData } from 'node:worker_threads';
import variant from '@jitl/quickjs-ng-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import type { Place, ScriptAnswer, ScriptJob, ScriptThreadData } from './script-job.js';

const { wasm, prelude, limits } = workerData as ScriptThreadData;

// The package describes its CommonJS build, whose default is one level further down.
const quickjsNg = variant as unknown as QuickJSSyncVariant;

const fileName = 'script.js';
const pageBytes = 65_536;
/** What the interpreter needs before it has read anything. */
const pagesMin = 256;
const stackBytesMax = 256 * 1024;
const messageLengthMax = 1_000;
/** Promise jobs between two looks at whether the script is to stop. */
const jobsAtOnce = 1_000;

interface Request {
  readonly job: ScriptJob;
  readonly input: string;
}

parentPort?.on('message', ({ job, input }: Request) => {
  void run(job, input).then((answer) => parentPort?.postMessage(answer));
});

async function run(job: ScriptJob, input: string): Promise<ScriptAnswer> {
  const maximum = (limits.memoryMebibytesMax * 1_048_576) / pageBytes;
  const wasmMemory = new WebAssembly.Memory({ initial: pagesMin, maximum });
  const quickjs = await newQuickJSWASMModuleFromVariant(
    newVariant(quickjsNg, { wasmModule: wasm, wasmMemory }),
  );
  try {
    return new Sandbox(quickjs.newRuntime()).run(job, input);
  } catch (error) {
    // The interpreter itself gave in; nothing of it is used again.
    const isFull = wasmMemory.buffer.byteLength >= maximum * pageBytes;
    if (isFull) return { kind: 'stopped', reason: 'memory' };
    if (error instanceof RangeError) return { kind: 'thrown', message: 'nested too deeply' };
    throw error;
  }
}

class Sandbox {
  private readonly runtime: QuickJSRuntime;
  private readonly context: QuickJSContext;
  private readonly deadline = performance.now() + limits.workMsMax;
  private stopped: 'time' | 'output' | 'exit' | undefined;
  private exitCode = 0;
  private readonly written: Record<1 | 2, string> = { 1: '', 2: '' };
  private bytesWritten = 0;

  constructor(runtime: QuickJSRuntime) {
    this.runtime = runtime;
    runtime.setMaxStackSize(stackBytesMax);
    runtime.setInterruptHandler(() => {
      if (performance.now() > this.deadline) this.stopped ??= 'time';
      return this.stopped !== undefined;
    });
    this.context = runtime.newContext();
  }

  run(job: ScriptJob, input: string): ScriptAnswer {
    const { context } = this;
    this.runtime.setModuleLoader((name) => moduleOf(name, input));
    const codeOf = this.prepare(job);
    const begun = context.evalCode(job.code, fileName, { type: 'module' });
    if (begun.error !== undefined) return this.broken(begun.error);
    while (this.stopped === undefined && this.runtime.hasPendingJob()) {
      const done = this.runtime.executePendingJobs(jobsAtOnce);
      if (done.error !== undefined) return this.broken(done.error);
    }
    if (this.stopped !== undefined) return this.broken();
    const promise = context.getPromiseState(begun.value);
    if (promise.type === 'rejected') return this.broken(promise.error);
    if (promise.type === 'pending') return { kind: 'stopped', reason: 'waiting' };
    const code = context.unwrapResult(context.callFunction(codeOf, context.undefined));
    return this.ended(context.getNumber(code));
  }

  /** @returns the function that tells the exit code */
  private prepare({ argv, env, stdin }: ScriptJob): QuickJSHandle {
    const { context } = this;
    const host = context.newObject();
    const write = context.newFunction('write', (stream, quoted) =>
      this.write(context.getNumber(stream) === 2 ? 2 : 1, quoted) ? context.true : context.false,
    );
    const exit = context.newFunction('exit', (code) => {
      this.exitCode = context.getNumber(code);
      this.stopped ??= 'exit';
    });
    context.setProp(host, 'write', write);
    context.setProp(host, 'exit', exit);
    const given = context.newString(JSON.stringify({ argv, env, stdin }));
    const begin = context.unwrapResult(context.evalCode(prelude, 'prelude.js'));
    return context.unwrapResult(context.callFunction(begin, context.undefined, host, given));
  }

  /** @param quoted the text as JSON: as it is, it would end at its first NUL */
  private write(stream: 1 | 2, quoted: QuickJSHandle): boolean {
    const { context } = this;
    const length = context.getProp(quoted, 'length').consume((one) => context.getNumber(one));
    const isHuge = length > 6 * limits.outputBytesMax + 2;
    const text = isHuge ? '' : (JSON.parse(context.getString(quoted)) as string);
    this.bytesWritten += Buffer.byteLength(text);
    if (isHuge || this.bytesWritten > limits.outputBytesMax) this.stopped ??= 'output';
    else this.written[stream] += text;
    return this.stopped === undefined;
  }

  private ended(code: number): ScriptAnswer {
    return { kind: 'ended', code, stdout: this.written[1], stderr: this.written[2] };
  }

  private broken(error?: QuickJSHandle): ScriptAnswer {
    const before = this.stoppedBy();
    if (before !== undefined) return before;
    const name = this.textOf(error, 'name');
    const message = this.textOf(error, 'message') ?? this.text(error) ?? 'something unknown';
    const place = placeIn(this.textOf(error, 'stack') ?? '');
    // What was thrown may go on or leave while it is asked what it is.
    const ended = this.stoppedBy();
    if (ended !== undefined) return ended;
    if (name === 'InternalError' && message === 'out of memory') {
      return { kind: 'stopped', reason: 'memory' };
    }
    return {
      kind: 'thrown',
      message: (name === undefined ? message : `${name}: ${message}`).slice(0, messageLengthMax),
      ...(place === undefined ? {} : { place }),
    };
  }

  private stoppedBy(): ScriptAnswer | undefined {
    if (this.stopped === 'exit') return this.ended(this.exitCode);
    return this.stopped && { kind: 'stopped', reason: this.stopped };
  }

  /** A member of what was thrown, which may be anything, also something that throws. */
  private textOf(error: QuickJSHandle | undefined, member: string): string | undefined {
    if (error === undefined || this.context.typeof(error) !== 'object') return undefined;
    try {
      return this.text(this.context.getProp(error, member));
    } catch {
      return undefined; // A getter of the script's own: it says nothing that is needed.
    }
  }

  private text(value: QuickJSHandle | undefined): string | undefined {
    const { context } = this;
    if (value === undefined) return undefined;
    const type = context.typeof(value);
    const isPlain = type === 'string' || type === 'number' || type === 'boolean';
    return isPlain ? context.getString(value).slice(0, messageLengthMax) : undefined;
  }
}

function moduleOf(name: string, input: string): string | { error: Error } {
  if (name === 'node:fs' || name === 'fs') return input;
  if (name === 'node:process' || name === 'process') return 'export default globalThis.process;';
  const what = 'a script has no packages, files, network or processes';
  return { error: new Error(`there is no module "${name.slice(0, 100)}": ${what}`) };
}

/** Where in the script it happened: the innermost place that is not the sandbox's own. */
function placeIn(stack: string): Place | undefined {
  const found = /\bscript\.js:(\d+):(\d+)/.exec(stack);
  if (found === null) return undefined;
  return { line: Number(found[1]), column: Number(found[2]) };
}
