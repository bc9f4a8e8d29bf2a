import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashOfObject, type ObjectKey, type ObjectStore } from '../object-store.js';

export interface ObjectStoreHarness {
  /** The store as a process sees it; each call is another process's worth. */
  store(): ObjectStore;
  /** Changes what is stored behind the store's back. */
  damage(key: ObjectKey): Promise<void>;
  stop(): Promise<void>;
}

/** What every adapter of the port keeps. */
export function objectStoreContract(name: string, start: () => Promise<ObjectStoreHarness>): void {
  describe(`objects: ${name}`, () => {
    let harness: ObjectStoreHarness;
    let store: ObjectStore;
    const keyOf = (content: Buffer, tenantId = 'ten_a'): ObjectKey => ({
      tenantId,
      hash: hashOfObject(content),
    });

    beforeAll(async () => {
      harness = await start();
      store = harness.store();
    });
    afterAll(() => harness.stop());

    it.each([
      ['nothing', Buffer.alloc(0)],
      ['text', Buffer.from('{"text":"ÄÖÜ 😀"}')],
      ['bytes', Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251))],
    ])('O1: another process finds %s once it is put', async (_what, content) => {
      await store.put(keyOf(content), content);
      expect(await harness.store().get(keyOf(content))).toEqual(content);
    });

    it('O2: putting it again is harmless, also at the same time', async () => {
      const content = Buffer.from('the same for everybody');
      const stores = [store, harness.store(), harness.store()];
      await Promise.all(stores.map((one) => one.put(keyOf(content), content)));
      await store.put(keyOf(content), content);
      expect(await store.get(keyOf(content))).toEqual(content);
    });

    it('O3: says that something is not there', async () => {
      expect(await store.get(keyOf(Buffer.from('never put')))).toBeUndefined();
    });

    it('O3: damaged content is an error', async () => {
      const content = Buffer.from('whole');
      await store.put(keyOf(content), content);
      await harness.damage(keyOf(content));
      await expect(store.get(keyOf(content))).rejects.toThrow();
    });

    it('O4: tenants do not find what others have', async () => {
      const content = Buffer.from('mine');
      await store.put(keyOf(content), content);
      expect(await store.get(keyOf(content, 'ten_b'))).toBeUndefined();
      await store.put(keyOf(content, 'ten_b'), content);
      await store.delete(keyOf(content));
      expect(await store.get(keyOf(content))).toBeUndefined();
      expect(await store.get(keyOf(content, 'ten_b'))).toEqual(content);
    });

    it('deletes, also what is not there, and takes it again', async () => {
      const content = Buffer.from('comes and goes');
      await store.delete(keyOf(content));
      await store.put(keyOf(content), content);
      await store.delete(keyOf(content));
      expect(await store.get(keyOf(content))).toBeUndefined();
      await store.put(keyOf(content), content);
      expect(await store.get(keyOf(content))).toEqual(content);
    });

    it.each([
      { tenantId: '../ten_b', hash: '0'.repeat(64) },
      { tenantId: 'ten_a', hash: '../../etc/passwd' },
      { tenantId: '', hash: '0'.repeat(64) },
    ])('refuses keys that lead elsewhere: %j', async (key) => {
      await expect(store.get(key)).rejects.toThrow(TypeError);
      await expect(store.put(key, Buffer.alloc(1))).rejects.toThrow(TypeError);
      await expect(store.delete(key)).rejects.toThrow(TypeError);
    });
  });
}
