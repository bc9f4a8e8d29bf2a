import { isJsonObject, objectOf, type Json, type JsonObject } from '@parley/kernel';

const hidden = '[redacted]';
/** Names of headers, query parameters and cookies whose value proves who calls. */
const secretName =
  /^(?:proxy-)?authorization$|^(?:set-)?cookie2?$|api[-_]?key|access[-_]?key|token|secret|passw|credential|signature|^x-.*-auth$|^x-auth|^sig$|^key$/i;
/** Properties of an authentication that are no secret. */
const openProperties: ReadonlySet<string> = new Set([
  'username',
  'use',
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
  return mapped(args, (name, value) => {
    switch (name) {
      case 'headers':
      case 'query':
        return isJsonObject(value) ? mapped(value, hiddenMember) : value;
      case 'authentication':
        return isJsonObject(value)
          ? mapped(value, (_scheme, properties) => hiddenProperties(properties))
          : value;
      case 'endpoint':
        return isJsonObject(value) ? mapped(value, hiddenAddress) : hiddenAddress('uri', value);
      default:
        return hiddenAddress(name, value);
    }
  });
}

function hiddenMember(name: string, value: Json): Json {
  return secretName.test(name) ? hidden : value;
}

/** What of an address proves who calls: user information, and parameters by their names. */
function hiddenAddress(member: string, value: Json): Json {
  if (member !== 'uri' || typeof value !== 'string') return value;
  const [place = '', ...queries] = value.split('?');
  const shown = place.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/@]*@/i, `$1${hidden}@`);
  if (queries.length === 0) return shown;
  const pairs = queries.join('?').split('&');
  return `${shown}?${pairs.map(hiddenPair).join('&')}`;
}

function hiddenPair(pair: string): string {
  const [name = ''] = pair.split('=', 1);
  return name !== pair && secretName.test(name) ? `${name}=${hidden}` : pair;
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
  return objectOf(Object.entries(object).map(([name, value]) => [name, change(name, value)]));
}
