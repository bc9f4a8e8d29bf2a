import type { Json, JsonObject } from '@parley/kernel';
import { nameOf, type Located } from '../document/references.js';
import { join, type Pointer } from '../document/pointer.js';
import type { ConnectorParameter, ParameterStyle } from '../model.js';
import { membersOf } from '../schema/normalise.js';
import { isKeyHeader } from './delivery.js';
import { isJsonMedia, withExamples } from './media.js';
import type { ReadContext } from './read-context.js';

/** Headers that HTTP itself owns; OpenAPI says to ignore parameters of these names. */
const ownedHeaders = new Set(['accept', 'content-type', 'authorization']);
const places = new Set(['path', 'query', 'header', 'cookie']);
const stylesByPlace: Readonly<Record<string, readonly string[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

export interface Parameters {
  readonly parameters: ConnectorParameter[];
  readonly keyHeader?: string;
}

/** Parameters of a path and of its operation; the operation's replace the path's of the same name. */
export function readParameters(
  lists: readonly Located<Json | undefined>[],
  path: string,
  context: ReadContext,
): Parameters {
  const byPlace = new Map<string, ConnectorParameter>();
  let keyHeader: string | undefined;
  for (const { value, pointer } of located(lists, context)) {
    const parameter = parameterOf(value, pointer, context);
    if (parameter === undefined) continue;
    if (parameter.in === 'header' && isKeyHeader(parameter.name)) {
      keyHeader ??= parameter.name;
      continue;
    }
    if (parameter.in === 'header' && ownedHeaders.has(parameter.name.toLowerCase())) continue;
    byPlace.set(`${parameter.in} ${parameter.name}`, parameter);
  }
  const parameters = matchTemplate([...byPlace.values()], path, context);
  return { parameters, ...(keyHeader === undefined ? {} : { keyHeader }) };
}

function* located(
  lists: readonly Located<Json | undefined>[],
  { references, findings }: ReadContext,
): Generator<Located<JsonObject>> {
  for (const { value: list, pointer } of lists) {
    if (list === undefined) continue;
    if (!Array.isArray(list)) {
      findings.fault(pointer, `A list of parameters is expected here, not ${nameOf(list)}.`);
      continue;
    }
    for (const [index, raw] of list.entries()) {
      const parameter = references.object(raw, join(pointer, index));
      if (parameter) yield parameter;
    }
  }
}

function parameterOf(
  raw: JsonObject,
  pointer: Pointer,
  context: ReadContext,
): ConnectorParameter | undefined {
  const { name, in: place, description } = raw;
  if (typeof name !== 'string' || name === '') {
    context.findings.fault(pointer, 'A parameter needs a `name`.');
    return undefined;
  }
  if (typeof place !== 'string' || !places.has(place)) {
    const cure = place === 'body' || place === 'formData' ? ' (that is Swagger 2.0)' : '';
    context.findings.fault(
      join(pointer, 'in'),
      `\`in\` must be path, query, header or cookie${cure}.`,
    );
    return undefined;
  }
  const content = Object.entries(membersOf(raw['content']))[0];
  const schema = content
    ? context.schemas.read(
        membersOf(content[1])['schema'],
        join(pointer, 'content', content[0], 'schema'),
      )
    : context.schemas.read(raw['schema'], join(pointer, 'schema'));
  return {
    name,
    in: place as ConnectorParameter['in'],
    required: place === 'path' || raw['required'] === true,
    ...(typeof description === 'string' ? { description: description.slice(0, 2_000) } : {}),
    schema: withExamples(schema, raw),
    ...(content && isJsonMedia(content[0]) ? { json: true } : styleOf(raw, place)),
  };
}

function styleOf(raw: JsonObject, place: string): ParameterStyle {
  const { style, explode, allowReserved } = raw;
  const known = typeof style === 'string' && stylesByPlace[place]?.includes(style) === true;
  return {
    ...(known ? { style: style as ParameterStyle['style'] } : {}),
    ...(typeof explode === 'boolean' ? { explode } : {}),
    ...(allowReserved === true ? { allowReserved } : {}),
  };
}

/** Makes path parameters agree with the template, which is what a call is built from. */
function matchTemplate(
  parameters: ConnectorParameter[],
  path: string,
  { findings }: ReadContext,
): ConnectorParameter[] {
  const names = [...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? '');
  const kept = parameters.filter((parameter) => {
    if (parameter.in !== 'path' || names.includes(parameter.name)) return true;
    findings.notice(
      `${path}: the path parameter ${parameter.name} is not in the path and was left out.`,
    );
    return false;
  });
  for (const name of new Set(names)) {
    if (kept.some((parameter) => parameter.in === 'path' && parameter.name === name)) continue;
    findings.notice(`${path}: the path parameter ${name} is not described and taken for a text.`);
    kept.push({ name, in: 'path', required: true, schema: { type: 'string' } });
  }
  return kept;
}
