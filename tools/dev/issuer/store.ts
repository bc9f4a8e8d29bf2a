import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Adapter, AdapterPayload } from 'oidc-provider';

const writeDelayMs = 100;
const entriesMax = 20_000;

interface Entry {
  payload: AdapterPayload;
  /** Milliseconds since the epoch; absent: for ever. */
  expiresAt?: number;
}

/**
 * Grants, sessions and codes of the issuer in one small file, so that a restart signs nobody out.
 * Written shortly after each change and on exit.
 */
export class IssuerStore {
  private readonly file: string;
  private readonly entries: Map<string, Entry>;
  private pending: NodeJS.Timeout | undefined;

  constructor(file: string) {
    this.file = file;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.entries = existsSync(file) ? readEntries(file) : new Map<string, Entry>();
  }

  get(key: string): AdapterPayload | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt !== undefined && entry.expiresAt <= Date.now()) {
      this.entries.delete(key);
      return undefined;
    }
    return entry.payload;
  }

  set(key: string, payload: AdapterPayload, expiresInSeconds?: number): void {
    this.entries.set(key, {
      payload,
      ...(expiresInSeconds ? { expiresAt: Date.now() + expiresInSeconds * 1000 } : {}),
    });
    if (this.entries.size > entriesMax) this.dropOldest();
    this.changed();
  }

  delete(matches: (key: string, payload: AdapterPayload) => boolean): void {
    for (const [key, entry] of this.entries) {
      if (matches(key, entry.payload)) this.entries.delete(key);
    }
    this.changed();
  }

  find(matches: (key: string, payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [key, entry] of this.entries) {
      if (matches(key, entry.payload)) return this.get(key);
    }
    return undefined;
  }

  flush(): void {
    clearTimeout(this.pending);
    this.pending = undefined;
    const temporary = `${this.file}.new`;
    writeFileSync(temporary, JSON.stringify([...this.entries]), { mode: 0o600 });
    renameSync(temporary, this.file);
  }

  private changed(): void {
    this.pending ??= setTimeout(() => {
      this.flush();
    }, writeDelayMs);
  }

  private dropOldest(): void {
    const oldest = this.entries.keys().next();
    if (!oldest.done) this.entries.delete(oldest.value);
  }
}

/** The store as one of oidc-provider's adapters, for one kind of thing. */
export function adapterFor(store: IssuerStore): (kind: string) => Adapter {
  return (kind) => {
    const keyOf = (id: string) => `${kind}:${id}`;
    const ofKind = (key: string) => key.startsWith(`${kind}:`);
    return {
      async upsert(id, payload, expiresIn) {
        store.set(keyOf(id), payload, expiresIn);
      },
      async find(id) {
        return store.get(keyOf(id));
      },
      async findByUid(uid) {
        return store.find((key, payload) => ofKind(key) && payload.uid === uid);
      },
      async findByUserCode(userCode) {
        return store.find((key, payload) => ofKind(key) && payload.userCode === userCode);
      },
      async consume(id) {
        const payload = store.get(keyOf(id));
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
        store.flush();
      },
      async destroy(id) {
        store.delete((key) => key === keyOf(id));
      },
      async revokeByGrantId(grantId) {
        store.delete((key, payload) => ofKind(key) && payload.grantId === grantId);
      },
    };
  };
}

function readEntries(file: string): Map<string, Entry> {
  const now = Date.now();
  const stored = JSON.parse(readFileSync(file, 'utf8')) as [string, Entry][];
  return new Map(
    stored.filter(([, entry]) => entry.expiresAt === undefined || entry.expiresAt > now),
  );
}
