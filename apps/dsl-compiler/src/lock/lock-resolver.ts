import {
  externalsOf,
  parseDefinition,
  type ExternalReference,
  type Lock,
  type LockedExternal,
} from '@parley/dsl';
import { err, ok, type Result } from '@parley/kernel';
import { contentOf } from './document-content.js';
import type { DocumentFetcher } from './document-fetcher.js';

/** Documents of one definition, and how deep functions may bring in functions. */
const lockLimits = {
  externalsMax: 50,
  /** What can be handed on with a definition. */
  bytesMax: 12 * 1_048_576,
  roundsMax: 5,
  fetchedAtOnce: 4,
  /** All of them together: who publishes waits for the answer. What comes later is kept for next time. */
  resolveMsMax: 8_000,
} as const;

export interface LockResolution {
  readonly lock: Lock;
  /** What could not be pinned; compiling with the lock says where it is missing. */
  readonly missing: readonly MissingExternal[];
}

/** A document that there is none of, and why. */
export interface MissingExternal extends Pick<ExternalReference, 'kind' | 'uri' | 'pointer'> {
  /** A sentence. */
  readonly reason: string;
}

/** Pins the external documents of definitions: fetches them and says what their bytes are. */
export class LockResolver {
  private readonly documents: Pick<DocumentFetcher, 'fetch'>;
  private readonly resolveMsMax: number;

  constructor(
    documents: Pick<DocumentFetcher, 'fetch'>,
    { resolveMsMax = lockLimits.resolveMsMax }: { readonly resolveMsMax?: number } = {},
  ) {
    this.documents = documents;
    this.resolveMsMax = resolveMsMax;
  }

  /**
   * The lock of a definition. A text that cannot be read has no documents; what `known` pins already
   * is not fetched.
   */
  async resolve(source: string, known: Lock = { externals: [] }): Promise<LockResolution> {
    const { root } = parseDefinition(source);
    const pinned = new Map(known.externals.map((external) => [keyOf(external), external]));
    const missing = new Map<string, MissingExternal>();
    const bounds = { late: this.deadline(), room: { bytes: lockLimits.bytesMax } };
    for (let round = 0; root !== undefined && round < lockLimits.roundsMax; round += 1) {
      const lock = { externals: [...pinned.values()] };
      const wanted = newOnes(externalsOf(root, lock), [pinned, missing]);
      if (wanted.length === 0) break;
      const left = Math.max(0, lockLimits.externalsMax - pinned.size);
      for (const [reference, fetched] of await this.fetchAll(wanted, { ...bounds, left })) {
        const key = keyOf(reference);
        if (fetched.ok) pinned.set(key, fetched.value);
        else missing.set(key, missingOf(reference, fetched.error));
      }
    }
    return { lock: { externals: [...pinned.values()] }, missing: [...missing.values()] };
  }

  private async fetchAll(references: readonly ExternalReference[], { left, late, room }: Bounds) {
    const answers: [ExternalReference, Result<LockedExternal, string>][] = [];
    for (let at = 0; at < references.length; at += lockLimits.fetchedAtOnce) {
      const some = references.slice(at, at + lockLimits.fetchedAtOnce);
      const fetched = await Promise.all(
        some.map(async (one, index) =>
          at + index < left ? Promise.race([this.fetch(one, room), late]) : tooMany,
        ),
      );
      for (const [index, reference] of some.entries()) {
        answers.push([reference, fetched[index] ?? tooMany]);
      }
    }
    return answers;
  }

  private deadline(): Promise<typeof tooLate> {
    return new Promise((resolve) => {
      setTimeout(() => resolve(tooLate), this.resolveMsMax).unref();
    });
  }

  private async fetch(
    { kind, uri }: ExternalReference,
    room: Bounds['room'],
  ): Promise<Result<LockedExternal, string>> {
    const fetched = await this.documents.fetch(uri);
    if (!fetched.ok) return fetched;
    const { bytes, sha256 } = fetched.value;
    if (bytes.length > room.bytes) return tooMuch;
    room.bytes -= bytes.length;
    const content = contentOf(kind, bytes);
    return content.ok ? ok({ kind, uri, sha256, content: content.value }) : content;
  }
}

/** What is left for the documents of one definition. */
interface Bounds {
  readonly left: number;
  readonly late: Promise<typeof tooLate>;
  readonly room: { bytes: number };
}

const tooMuch: Result<LockedExternal, string> = err(
  `The documents of a definition are at most ${lockLimits.bytesMax / 1_048_576} MiB together.`,
);

const tooMany: Result<LockedExternal, string> = err(
  `A definition has at most ${lockLimits.externalsMax} external documents.`,
);

const tooLate: Result<LockedExternal, string> = err(
  'It takes too long to answer; try again in a moment.',
);

function keyOf({ kind, uri }: Pick<LockedExternal, 'kind' | 'uri'>): string {
  return `${kind} ${uri}`;
}

function newOnes(
  references: readonly ExternalReference[],
  seen: readonly ReadonlyMap<string, unknown>[],
): ExternalReference[] {
  const found = new Map<string, ExternalReference>();
  for (const reference of references) {
    const key = keyOf(reference);
    if (!found.has(key) && !seen.some((map) => map.has(key))) found.set(key, reference);
  }
  return [...found.values()];
}

function missingOf({ kind, uri, pointer }: ExternalReference, reason: string): MissingExternal {
  return { kind, uri, pointer, reason };
}
