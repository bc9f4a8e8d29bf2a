import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { join, type Pointer } from '../document/pointer.js';
import { membersOf } from '../schema/normalise.js';
import type { ReadContext } from './read-context.js';

const examplesMax = 3;

/** The content of a request or an answer in the media type that fits best. */
export interface Media {
  readonly mediaType: string;
  readonly schema: Json;
}

export function isJsonMedia(mediaType: string): boolean {
  const type = essence(mediaType);
  return type === 'application/json' || type === '*/*' || /^[^/]+\/(?:[^/]+\+)?json$/.test(type);
}

export function isFormMedia(mediaType: string): boolean {
  return essence(mediaType) === 'application/x-www-form-urlencoded';
}

export function isTextMedia(mediaType: string): boolean {
  return essence(mediaType).startsWith('text/');
}

/** JSON first, then forms, then text; else whatever is first. Undefined without any content. */
export function chooseMedia(
  content: Json | undefined,
  pointer: Pointer,
  { schemas }: ReadContext,
): Media | undefined {
  const entries = Object.entries(membersOf(content));
  const chosen =
    entries.find(([type]) => essence(type) === 'application/json') ??
    entries.find(([type]) => isJsonMedia(type)) ??
    entries.find(([type]) => isFormMedia(type)) ??
    entries.find(([type]) => isTextMedia(type)) ??
    entries[0];
  if (chosen === undefined) return undefined;
  const [mediaType, value] = chosen;
  const media = membersOf(value);
  const schema = schemas.read(media['schema'], join(pointer, mediaType, 'schema'));
  return {
    mediaType: mediaType === '*/*' ? 'application/json' : mediaType,
    schema: withExamples(schema, media),
  };
}

/** Examples of a media type or parameter become examples of its schema. */
export function withExamples(schema: Json, holder: JsonObject): Json {
  const named = Object.values(membersOf(holder['examples'])).flatMap((example) => {
    const value = membersOf(example)['value'];
    return value === undefined ? [] : [value];
  });
  const examples = holder['example'] === undefined ? named : [holder['example'], ...named];
  if (examples.length === 0 || schema === false) return schema;
  return {
    ...(isJsonObject(schema) ? schema : {}),
    examples: examples.slice(0, examplesMax),
  };
}

function essence(mediaType: string): string {
  return mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
