import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { assertObjectKey, hashOfObject, type ObjectKey, type ObjectStore } from './object-store.js';

const compressed = promisify(zstdCompress);
const decompressed = promisify(zstdDecompress);
const mode = 0o700;

/** Objects as compressed files: `<folder>/<tenant>/<first two digits>/<hash>`. */
export class FileObjects implements ObjectStore {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = resolve(folder);
  }

  async put(key: ObjectKey, content: Buffer): Promise<void> {
    const file = this.fileOf(key);
    if (await isThere(file)) return;
    const folder = dirname(file);
    await this.makeFolder(folder);
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    try {
      const handle = await open(draft, 'wx', 0o600);
      try {
        await handle.writeFile(await compressed(content));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, file); // O1: whole or not there.
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await synced(folder); // O1: the name is durable too.
  }

  async get(key: ObjectKey): Promise<Buffer | undefined> {
    let stored: Buffer;
    try {
      stored = await readFile(this.fileOf(key));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    const content = await decompressed(stored);
    if (hashOfObject(content) === key.hash) return content;
    throw new Error(`the object ${key.hash} is damaged`); // O3
  }

  async delete(key: ObjectKey): Promise<void> {
    await rm(this.fileOf(key), { force: true });
  }

  /** O4: the tenant is part of the place. */
  private fileOf(key: ObjectKey): string {
    assertObjectKey(key);
    const { tenantId, hash } = key;
    return join(this.folder, tenantId, hash.slice(0, 2), hash);
  }

  private async makeFolder(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true, mode });
    if (first === undefined) return;
    // Every folder that was made is a name in the one around it.
    for (let made = folder; made.length >= first.length; made = dirname(made)) {
      await synced(dirname(made));
    }
  }
}

async function synced(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
