import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { clip, nameOf, type References } from '../document/references.js';
import { join, type Pointer } from '../document/pointer.js';
import type { Findings } from '../faults.js';
import { limits } from '../limits.js';
import { annotations, keywordKinds } from './keywords.js';
import { normalise } from './normalise.js';

/** Tried in this order: as many references written out as fit into the nodes that are allowed. */
const referenceDepths = [12, 8, 5, 3, 2, 1] as const;
const textLengthMax = 2_000;
/** A larger example or default says more than anybody reads. */
const valueNodesMax = 400;

const closingKeywords = [
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'items',
] as const;

interface Reading {
  /** Targets of the references that are being written out, outermost first. */
  readonly stack: Pointer[];
  readonly depthMax: number;
  readonly nodesMax: number;
  nodes: number;
  /** Number of places where a reference was cut off. */
  cuts: number;
}

/**
 * Turns schemas of a document into JSON Schema 2020-12 without references.
 *
 * S1  The result is finite: a reference into itself, or one too deep, is cut to its type and texts.
 * S2  A cut never refuses what the original accepts; so `not`, `if` and the exactness of `oneOf` are
 *     given up where they depend on a cut.
 */
export class SchemaReader {
  private readonly references: References;
  private readonly findings: Findings;
  private readonly nodesMax: number;
  /** Schemas that are nothing but a reference, by the reference: most bodies are. */
  private readonly named = new Map<string, Json>();

  constructor(references: References, findings: Findings, schemaCount: number) {
    this.references = references;
    this.findings = findings;
    const share = Math.floor(limits.schemaNodesPerDocumentMax / Math.max(1, schemaCount));
    this.nodesMax = Math.max(limits.schemaNodesMin, Math.min(limits.schemaNodesMax, share));
  }

  read(schema: Json | undefined, pointer: Pointer): Json {
    if (schema === undefined) return {};
    const name = soleReference(schema);
    const known = name === undefined ? undefined : this.named.get(name);
    if (known !== undefined) return known;
    const result = this.fitting(schema, pointer);
    if (name !== undefined) this.named.set(name, result);
    return result;
  }

  private fitting(schema: Json, pointer: Pointer): Json {
    let result: Json = {};
    for (const depthMax of referenceDepths) {
      const reading = { stack: [], depthMax, nodesMax: this.nodesMax, nodes: 0, cuts: 0 };
      result = this.convert(schema, pointer, reading);
      if (reading.nodes <= reading.nodesMax) break;
    }
    return result;
  }

  private convert(schema: Json, pointer: Pointer, reading: Reading): Json {
    if (typeof schema === 'boolean') return schema;
    if (!isJsonObject(schema)) {
      this.findings.fault(pointer, `A schema is expected here, not ${nameOf(schema)}.`);
      return {};
    }
    reading.nodes += 1;
    if (reading.nodes > reading.nodesMax) return this.cut(schema, 'too large', reading);
    const normal = normalise(schema);
    if (schema['type'] !== undefined && normal['type'] === undefined) {
      const type = clip(JSON.stringify(schema['type']));
      this.findings.notice(`${pointer}: the type ${type} is not known and was left out.`);
    }
    const reference = normal['$ref'];
    const own = this.keywords(normal, pointer, reading);
    if (typeof reference !== 'string') return own;
    return merge(this.follow(reference, join(pointer, '$ref'), reading), own);
  }

  private follow(reference: string, at: Pointer, reading: Reading): Json {
    const target = this.references.target(reference, at);
    if (target === undefined) return {};
    const { stack, depthMax } = reading;
    if (stack.includes(target.pointer)) return this.cut(target.value, 'refers to itself', reading);
    if (stack.length >= depthMax) return this.cut(target.value, 'too deep', reading);
    stack.push(target.pointer);
    const schema = this.convert(target.value, target.pointer, reading);
    stack.pop();
    return schema;
  }

  private keywords(schema: JsonObject, pointer: Pointer, reading: Reading): JsonObject {
    const entries: [string, Json][] = [];
    for (const [keyword, value] of Object.entries(schema)) {
      const kind = keywordKinds.get(keyword);
      if (kind === undefined) continue;
      const cutsBefore = reading.cuts;
      const converted = this.keyword(kind, value, { pointer: join(pointer, keyword), reading });
      if (converted === undefined) continue;
      const wasCut = reading.cuts > cutsBefore;
      // S2
      if (wasCut && (keyword === 'not' || keyword === 'if')) continue;
      entries.push([wasCut && keyword === 'oneOf' ? 'anyOf' : keyword, converted]);
    }
    const out: JsonObject = Object.fromEntries(entries);
    const given = out['if'] === undefined ? ['then', 'else'] : [];
    // S2: with members left out, nothing may be said about the members that are not listed.
    const closed = reading.nodes > reading.nodesMax ? closingKeywords : [];
    for (const keyword of [...given, ...closed]) delete out[keyword];
    return out;
  }

  private keyword(
    kind: 'value' | 'schema' | 'schemas' | 'schema-map',
    value: Json,
    { pointer, reading }: { pointer: Pointer; reading: Reading },
  ): Json | undefined {
    switch (kind) {
      case 'value':
        return plain(value);
      case 'schema':
        return this.convert(value, pointer, reading);
      case 'schemas':
        if (Array.isArray(value)) return this.list(value, pointer, reading);
        this.findings.fault(pointer, `A list of schemas is expected here, not ${nameOf(value)}.`);
        return undefined;
      case 'schema-map':
        if (isJsonObject(value)) return this.map(value, pointer, reading);
        this.findings.fault(pointer, `Schemas by name are expected here, not ${nameOf(value)}.`);
        return undefined;
    }
  }

  private list(items: Json[], pointer: Pointer, reading: Reading): Json | undefined {
    const out: Json[] = [];
    for (const [index, item] of items.entries()) {
      // S2: half a list of alternatives would refuse the other half.
      if (reading.nodes > reading.nodesMax) return undefined;
      out.push(this.convert(item, join(pointer, index), reading));
    }
    return out.length === 0 ? undefined : out;
  }

  private map(members: JsonObject, pointer: Pointer, reading: Reading): Json {
    const out: [string, Json][] = [];
    for (const [name, item] of Object.entries(members)) {
      if (reading.nodes > reading.nodesMax) break;
      out.push([name, this.convert(item, join(pointer, name), reading)]);
    }
    return Object.fromEntries(out);
  }

  /** What is kept of a schema that is not written out (S1, S2). */
  private cut(schema: Json, why: string, reading: Reading): JsonObject {
    reading.cuts += 1;
    const source = isJsonObject(schema) ? normalise(schema) : {};
    const kept: JsonObject = {};
    for (const keyword of ['type', 'title', 'description']) {
      const value = source[keyword];
      if (value !== undefined) kept[keyword] = plain(value) ?? null;
    }
    return { ...kept, $comment: `Not written out: ${why}.` };
  }
}

function soleReference(schema: Json): string | undefined {
  if (!isJsonObject(schema) || Object.keys(schema).length !== 1) return undefined;
  const reference = schema['$ref'];
  return typeof reference === 'string' ? reference : undefined;
}

function plain(value: Json): Json | undefined {
  if (typeof value === 'string') {
    return value.length > textLengthMax ? `${value.slice(0, textLengthMax - 1)}…` : value;
  }
  return countNodes(value, valueNodesMax) > valueNodesMax ? undefined : value;
}

function countNodes(value: Json, enough: number): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const child of Object.values(value)) {
    if (count > enough) break;
    count += countNodes(child, enough - count);
  }
  return count;
}

/** A referenced schema and what stands beside the reference; texts beside it win. */
function merge(target: Json, own: JsonObject): Json {
  const keywords = Object.keys(own);
  if (keywords.length === 0) return target;
  if (!isJsonObject(target)) return target === true ? own : { allOf: [target, own] };
  return keywords.every((keyword) => annotations.has(keyword))
    ? { ...target, ...own }
    : { allOf: [target, own] };
}
