import { Worker } from 'node:worker_threads';
import {
  importOpenApi,
  limits,
  type ImportedConnector,
  type ImportFault,
} from '@parley/connectors';
import { AppError, type Result } from '@parley/kernel';

/** Smaller documents are read at once: that takes less than starting a thread. */
const inlineCharactersMax = 128 * 1024;
const readMsMax = 30_000;
const workerHeapMebibytesMax = 768;

type Options = { readonly name?: string; readonly sourceUrl?: string };
type Read = Result<ImportedConnector, ImportFault[]>;

/**
 * Reads an OpenAPI document.
 * @throws AppError `invalid-openapi` with every fault, `too-large`
 */
export async function readDocument(text: string, options: Options): Promise<ImportedConnector> {
  const isSmall = text.length <= inlineCharactersMax;
  const isRefused = text.length > limits.documentBytesMax;
  const read = isSmall || isRefused ? importOpenApi(text, options) : await inWorker(text, options);
  if (read.ok) return read.value;
  const [first] = read.error;
  const code = first?.tooLarge === true ? 'too-large' : 'invalid-openapi';
  const more = read.error.length > 1 ? ` (and ${read.error.length - 1} more)` : '';
  throw new AppError(code, `${describe(first)}${more}`, {
    errors: read.error.map((fault) => ({ pointer: fault.pointer, message: describe(fault) })),
  });
}

function describe(fault: ImportFault | undefined): string {
  if (fault === undefined) return 'The document cannot be read.';
  const where =
    fault.line === undefined ? '' : ` (line ${fault.line}, column ${fault.column ?? 1})`;
  return `${fault.message}${where}`;
}

async function inWorker(text: string, options: Options): Promise<Read> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./import-worker.${extension}`, import.meta.url), {
    workerData: { text, options },
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: workerHeapMebibytesMax },
  });
  const deadline = AbortSignal.timeout(readMsMax);
  try {
    return await new Promise<Read>((resolve, reject) => {
      deadline.addEventListener('abort', () => reject(tooMuch()), { once: true });
      worker.once('message', resolve);
      worker.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch() : error),
      );
      worker.once('exit', (code) => reject(new Error(`the import worker ended with ${code}`)));
    });
  } finally {
    await worker.terminate();
  }
}

function tooMuch(): AppError {
  return new AppError(
    'too-large',
    `The document takes more than ${readMsMax / 1_000} s or ${workerHeapMebibytesMax} MiB to read. Import a part of it, or give it as JSON.`,
  );
}
