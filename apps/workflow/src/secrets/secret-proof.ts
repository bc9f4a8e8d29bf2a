import { err, isJsonObject, ok, parseJson, type Json, type Result } from '@parley/kernel';
import type { OpenSecret } from './secret-store.pg.js';

/** The name of the secret that the arguments of a call prove themselves with. */
export function secretNamed(args: Json): string | undefined {
  const name = schemeOf(args)?.properties['use'];
  return typeof name === 'string' ? name : undefined;
}

/**
 * The arguments with the properties that the secret holds in place of its name. They live for the
 * length of a call. What is wrong is said without the value.
 */
export function withSecret(args: Json, secret: OpenSecret): Result<Json, string> {
  const found = schemeOf(args);
  if (found === undefined || !isJsonObject(args)) return err('The authentication is empty.');
  const { scheme } = found;
  const held = propertiesOf(scheme, secret.value);
  if (held !== undefined) return ok({ ...args, authentication: { [scheme]: held } });
  const also = scheme === 'bearer' ? '' : `, such as ${examples[scheme] ?? '{…}'}`;
  return err(
    `The secret "${secret.name}" is no JSON object with the properties of ${scheme}${also}.`,
  );
}

const examples: Readonly<Record<string, string>> = {
  basic: '{"username": …, "password": …}',
  digest: '{"username": …, "password": …}',
  oauth2: '{"authority": …, "grant": …, "client": {"id": …, "secret": …}}',
  oidc: '{"authority": …, "grant": …, "client": {"id": …, "secret": …}}',
};

/** Why a secret is not sent to an address; undefined: it may be. */
export function notBound({ name, hosts }: Pick<OpenSecret, 'name' | 'hosts'>, address: string) {
  if (!URL.canParse(address)) return `The secret "${name}" cannot be sent: the address is none.`;
  const { protocol, host } = new URL(address);
  if (protocol !== 'https:') {
    return `The secret "${name}" is only sent by https, and ${host} is called without.`;
  }
  if (hosts.includes(host)) return undefined;
  return `The secret "${name}" is not bound to ${host}. Whoever may set it can bind it to this host, too.`;
}

function schemeOf(args: Json) {
  const authentication = isJsonObject(args) ? args['authentication'] : undefined;
  const [entry] = isJsonObject(authentication ?? null)
    ? Object.entries(authentication as Record<string, Json>)
    : [];
  if (entry === undefined) return undefined;
  const [scheme, properties] = entry;
  return isJsonObject(properties) ? { scheme, properties } : undefined;
}

function propertiesOf(scheme: string, value: string): Json | undefined {
  const read = jsonOf(value);
  if (read !== undefined && isJsonObject(read)) return read;
  return scheme === 'bearer' ? { token: value } : undefined;
}

function jsonOf(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined; // A value that is no JSON is a text; the error would quote it.
  }
}
