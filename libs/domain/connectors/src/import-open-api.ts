import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { err, isJsonObject, ok, type Json, type JsonObject, type Result } from '@parley/kernel';
import { locate, parseText } from './document/parse.js';
import { clip, References } from './document/references.js';
import { Findings, type ImportFault } from './faults.js';
import type { ConnectorOperation, DeclaredScheme, ImportedConnector } from './model.js';
import { countOperations, readOperations } from './operations/read-operations.js';
import { readSchemes } from './operations/security.js';
import { readServers } from './operations/servers.js';
import { membersOf } from './schema/normalise.js';
import { SchemaReader } from './schema/schema-reader.js';

/** SHA-256 (hex) of a document's text: the name under which it is stored and pinned. */
export function documentHashOf(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/**
 * Reads an OpenAPI 3.x document, JSON or YAML. Either everything that can be called, or what is
 * wrong with it and where (the first faults, see `limits`).
 */
export function importOpenApi(
  text: string,
  options: { readonly name?: string; readonly sourceUrl?: string } = {},
): Result<ImportedConnector, ImportFault[]> {
  const parsed = parseText(text);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  const findings = new Findings();
  checkVersion(root, findings);
  if (findings.faults.length > 0) return err(locate(text, findings.faults));
  const references = new References(root, findings);
  const schemas = new SchemaReader(references, findings, countOperations(root) * 3);
  const declared = membersOf(root['components'])['securitySchemes'];
  const securitySchemes = readSchemes(declared, references, findings);
  const operations = readOperations(root, {
    references,
    schemas,
    findings,
    schemes: securitySchemes,
  });
  if (operations.length === 0 && findings.faults.length === 0) {
    findings.fault('/paths', 'The document describes no operation that can be called.');
  }
  const { question, ...servers } = readServers(root['servers'], options.sourceUrl, findings);
  const head = readHead(root, options.name, findings);
  if (head === undefined || findings.faults.length > 0) return err(locate(text, findings.faults));
  return ok({
    ...head,
    documentHash: documentHashOf(text),
    ...servers,
    securitySchemes,
    operations,
    openQuestions: [
      ...(question === undefined ? [] : [question]),
      ...unsupported(securitySchemes, operations),
    ],
    notices: findings.notices,
  });
}

function checkVersion(root: JsonObject, findings: Findings): void {
  const { openapi, swagger } = root;
  if (swagger !== undefined) {
    const message = `Swagger ${wordOf(swagger)} is not supported. Convert the document to OpenAPI 3, for example with converter.swagger.io, and import the result.`;
    findings.fault('/swagger', message);
  } else if (openapi === undefined) {
    findings.fault('', 'This is not an OpenAPI document: the member `openapi` is missing.');
  } else if (!/^3\.[012](\.|$)/.test(wordOf(openapi))) {
    const message = `OpenAPI ${wordOf(openapi)} is not supported; 3.0, 3.1 and 3.2 are.`;
    findings.fault('/openapi', message);
  }
}

function wordOf(value: Json): string {
  return typeof value === 'string' ? value.slice(0, 40) : JSON.stringify(value).slice(0, 40);
}

type Head = Pick<ImportedConnector, 'name' | 'title' | 'description' | 'version'>;

function readHead(
  root: JsonObject,
  given: string | undefined,
  findings: Findings,
): Head | undefined {
  const info = root['info'];
  if (!isJsonObject(info)) {
    findings.fault(info === undefined ? '' : '/info', 'The member `info` (an object) is missing.');
    return undefined;
  }
  const { title, description, summary, version } = info;
  if (typeof title !== 'string' || title.trim() === '') {
    findings.fault('/info', 'The document needs a title: `info.title`.');
    return undefined;
  }
  const name = given ?? slugOf(title);
  if (name === undefined) {
    const message = `No name can be made from the title ${clip(title)}: give the connector one.`;
    findings.fault('/info/title', message);
    return undefined;
  }
  const about = typeof description === 'string' ? description : summary;
  return {
    name,
    title: title.trim().slice(0, 300),
    ...(typeof about === 'string' ? { description: about.slice(0, 4_000) } : {}),
    version: textOf(version),
  };
}

function textOf(version: Json | undefined): string {
  if (typeof version === 'string') return version.slice(0, 100);
  return typeof version === 'number' ? String(version) : '';
}

/** A name for definitions from a title: `Kitchen (v2) API` → `kitchen-v2-api`. */
export function slugOf(title: string): string | undefined {
  const slug = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return slug === '' ? undefined : slug;
}

function unsupported(
  schemes: readonly DeclaredScheme[],
  operations: readonly ConnectorOperation[],
): string[] {
  const cannot = new Set(schemes.filter(({ type }) => type === 'unsupported').map((s) => s.name));
  const blocked = operations.filter(
    ({ security }) =>
      security.length > 0 && security.every((names) => names.some((name) => cannot.has(name))),
  );
  if (blocked.length === 0) return [];
  const names = [...cannot].map(clip).join(', ');
  const some = blocked.length === 1 ? 'One operation needs' : `${blocked.length} operations need`;
  return [`${some} a way of signing in that is not supported (${names}).`];
}
