import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';

const hidden = '[redacted]';
/** Headers of a call that prove who calls. */
const secretHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
  'api-key',
]);
/** Properties of an authentication that are no secret. */
const openProperties: ReadonlySet<string> = new Set([
  'username',
  'authority',
  'endpoints',
  'grant',
  'scopes',
  'audiences',
  'issuers',
  'request',
]);

/** The arguments of a call as people may see them. */
export function withoutCredentials(args: Json): Json {
  if (!isJsonObject(args)) return args;
  const { authentication, headers } = args;
  if (authentication === undefined && headers === undefined) return args;
  return {
    ...args,
    ...(isJsonObject(headers) ? { headers: mapped(headers, hiddenHeader) } : {}),
    ...(isJsonObject(authentication)
      ? { authentication: mapped(authentication, (_scheme, value) => hiddenProperties(value)) }
      : {}),
  };
}

function hiddenHeader(name: string, value: Json): Json {
  return secretHeaders.has(name.toLowerCase()) ? hidden : value;
}

function hiddenProperties(properties: Json): Json {
  if (!isJsonObject(properties)) return hidden;
  return mapped(properties, (name, value) => {
    if (name === 'client' && isJsonObject(value)) {
      return mapped(value, (member, text) =>
        member === 'id' || member === 'authentication' ? text : hidden,
      );
    }
    return openProperties.has(name) ? value : hidden;
  });
}

function mapped(object: JsonObject, change: (name: string, value: Json) => Json): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, change(name, value)]),
  );
}
