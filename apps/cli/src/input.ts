import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseJson, type Json } from '@parley/kernel';
import { exitCodes, Failure } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/** A text file; `-` is what is piped in. */
export async function readText(terminal: Terminal, file: string): Promise<string> {
  if (file === '-') return terminal.readInput();
  try {
    return await readFile(resolve(terminal.cwd, file), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw new Failure(exitCodes.usage, `Cannot read ${file}: ${why}.`, error);
  }
}

/** JSON as typed, from a file (`@order.json`) or piped in (`-`). */
export async function readJsonOption(terminal: Terminal, text: string): Promise<Json> {
  const file = text === '-' ? text : text.startsWith('@') ? text.slice(1) : undefined;
  const json = file === undefined ? text : await readText(terminal, file);
  try {
    return parseJson(json);
  } catch (error) {
    const where = file === undefined ? '--input' : file === '-' ? 'what was piped in' : file;
    const why = (error as Error).message;
    throw new Failure(
      exitCodes.usage,
      `${where} is not JSON (${why}). Write it like --input '{"orderId":"ord-1"}', or name a file: --input @order.json`,
      error,
    );
  }
}
