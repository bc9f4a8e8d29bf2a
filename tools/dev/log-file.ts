import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
} from 'node:fs';

const logBytesMax = 10 * 1024 * 1024;
const tailBytes = 16 * 1024;

/** Opens a process's log for appending. */
export function openLog(file: string): number {
  rotateLog(file);
  return openSync(file, 'a', 0o600);
}

/**
 * Keeps a log below its limit, with one predecessor. Processes append through descriptors of their
 * own, so the file is copied and emptied; a line written in between is lost.
 */
export function rotateLog(file: string): void {
  if (!existsSync(file) || statSync(file).size <= logBytesMax) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}

/** The last lines of a log. */
export function logTail(file: string, lines: number): string[] {
  if (!existsSync(file)) return [];
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, tailBytes));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').trim().split('\n').slice(-lines);
  } finally {
    closeSync(descriptor);
  }
}
