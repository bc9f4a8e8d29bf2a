import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseJson, type Json } from '@parley/kernel';
import { exitCodes, Failure } from './exit-codes.js';
import type { Terminal } from './terminal.js';

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check the name, or pipe the text in and write -',
  EISDIR: 'it is a folder; name the files in it',
  EACCES: 'it may not be read; change its permissions',
};

/** A text file; `-` is what is piped in. */
export async function readText(terminal: Terminal, file: string): Promise<string> {
  if (file === '-') return terminal.readInput();
  return (await readBytes(terminal, file)).toString('utf8');
}

export async function readBytes(terminal: Terminal, file: string): Promise<Buffer> {
  try {
    return await readFile(resolve(terminal.cwd, file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const cause = causes[code ?? ''] ?? message;
    throw new Failure(exitCodes.usage, `Cannot read ${file}: ${cause}.`, error);
  }
}

/** JSON as typed, from a file (`@order.json`) or piped in (`-`). */
export async function readJsonOption(
  terminal: Terminal,
  text: string,
  option = '--input',
): Promise<Json> {
  const file = text === '-' ? text : text.startsWith('@') ? text.slice(1) : undefined;
  const json = file === undefined ? text : await readText(terminal, file);
  try {
    return parseJson(json);
  } catch (error) {
    const where = file === undefined ? option : file === '-' ? 'what was piped in' : file;
    const why = (error as Error).message;
    throw new Failure(
      exitCodes.usage,
      `${where} is not JSON (${why}). Write it like ${option} '{"orderId":"ord-1"}', or name a file: ${option} @order.json`,
      error,
    );
  }
}
