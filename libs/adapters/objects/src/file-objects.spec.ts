import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { zstdCompressSync } from 'node:zlib';
import { FileObjects } from './file-objects.js';
import { hashOfObject } from './object-store.js';
import { objectStoreContract } from './testing/index.js';

objectStoreContract('files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-objects-'));
  return {
    store: () => new FileObjects(join(folder, 'objects')),
    damage: ({ tenantId, hash }) =>
      writeFile(
        join(folder, 'objects', tenantId, hash.slice(0, 2), hash),
        zstdCompressSync(Buffer.from('other')),
      ),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
});

describe('a file object', () => {
  it('leaves nothing half written behind, neither when it is put nor when that fails', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-objects-'));
    const content = Buffer.from('x'.repeat(100_000));
    const hash = hashOfObject(content);
    const objects = new FileObjects(folder);
    const place = join(folder, 'ten_a', hash.slice(0, 2));
    // A folder has the name of the object: the last step of writing fails.
    await mkdir(join(place, hash, 'taken'), { recursive: true });
    await expect(objects.put({ tenantId: 'ten_a', hash }, content)).rejects.toThrow();
    expect(await readdir(place)).toEqual([hash]);
    await rm(join(place, hash), { recursive: true });
    await objects.put({ tenantId: 'ten_a', hash }, content);
    expect(await readdir(place)).toEqual([hash]);
    await rm(folder, { recursive: true });
  });
});
