import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import type { Findings } from '../faults.js';
import { limits } from '../limits.js';
import { nearest } from './nearest.js';
import { join, split, type Pointer } from './pointer.js';

/** A part of the document and where it stands. */
export interface Located<T = Json> {
  readonly value: T;
  readonly pointer: Pointer;
}

/** Follows local references. What cannot be followed is a fault at the place of the reference. */
export class References {
  private readonly root: JsonObject;
  private readonly findings: Findings;

  constructor(root: JsonObject, findings: Findings) {
    this.root = root;
    this.findings = findings;
  }

  /** The object at `pointer`, or the one its `$ref` leads to; undefined when there is none. */
  object(value: Json | undefined, pointer: Pointer): Located<JsonObject> | undefined {
    let at: Located<Json | undefined> = { value, pointer };
    for (let hops = 0; hops <= limits.referenceChainMax; hops++) {
      if (!isJsonObject(at.value)) {
        this.findings.fault(at.pointer, `An object is expected here, not ${nameOf(at.value)}.`);
        return undefined;
      }
      const reference = at.value['$ref'];
      if (typeof reference !== 'string') return { value: at.value, pointer: at.pointer };
      const target = this.target(reference, join(at.pointer, '$ref'));
      if (target === undefined) return undefined;
      at = target;
    }
    this.findings.fault(pointer, 'This reference leads in a circle and never to a value.');
    return undefined;
  }

  /** What a reference names; a fault is recorded when it names nothing. */
  target(reference: string, at: Pointer): Located | undefined {
    if (!reference.startsWith('#')) {
      const message = `References to other documents are not followed: ${clip(reference)}. Bundle the documents into one first.`;
      this.findings.fault(at, message);
      return undefined;
    }
    const path = decode(reference.slice(1));
    if (path === undefined || (path !== '' && !path.startsWith('/'))) {
      this.findings.fault(
        at,
        `Write references as JSON Pointers (#/components/…), not ${clip(reference)}.`,
      );
      return undefined;
    }
    const keys = split(path);
    let value: Json = this.root;
    for (const [index, key] of keys.entries()) {
      const next = memberOf(value, key);
      if (next === undefined) {
        this.findings.fault(at, missing(reference, key, index === keys.length - 1 ? value : null));
        return undefined;
      }
      value = next;
    }
    return { value, pointer: path };
  }
}

function memberOf(value: Json, key: string): Json | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function missing(reference: string, key: string, siblings: Json): string {
  const near = isJsonObject(siblings) ? nearest(key, Object.keys(siblings)) : undefined;
  const hint = near === undefined ? '' : ` Is ${JSON.stringify(near)} meant?`;
  return `${clip(reference)} names nothing in this document.${hint}`;
}

function decode(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

export function clip(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 119)}…` : text);
}

export function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
