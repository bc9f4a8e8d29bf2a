import type { CallFunction } from '@parley/ir';
import { catalogAddress, fixedAddress, rawAddress } from '../lock/addresses.js';
import { memberOf, type SourceNode } from '../source/tree.js';
import type { Use } from './use.js';

/** What a `call` names. */
export type Called =
  /** Of the language or the platform. */
  | { readonly kind: 'builtin'; readonly name: Exclude<CallFunction, 'custom'> | 'map' }
  /** Of `use.functions`. */
  | { readonly kind: 'inline'; readonly name: string; readonly task: SourceNode }
  /** Of a catalog or by address; without `uri` its address is not fixed. */
  | { readonly kind: 'external'; readonly name: string; readonly uri?: string };

/** Functions of the language. */
export const languageFunctions = ['http', 'openapi', 'grpc', 'asyncapi', 'a2a', 'mcp'] as const;

/** Functions of the platform's default catalog: `human`, or in full `human:1.0.0@default`. */
export const platformFunctions = ['connector', 'human', 'agent', 'worker', 'map'] as const;

/** What a `call` means; undefined: nothing of that name is declared. */
export function calledFunction(use: Use, call: string): Called | undefined {
  const language = languageFunctions.find((name) => name === call);
  if (language !== undefined) return { kind: 'builtin', name: language };
  const task = use.get('functions', call);
  if (task !== undefined) return { kind: 'inline', name: call, task };
  if (use.get('catalogs', 'default') === undefined) {
    const name = functionName(call);
    const platform = platformFunctions.find((one) => one === name);
    if (platform !== undefined) return { kind: 'builtin', name: platform };
  } else {
    const platform = platformFunctions.find((one) => one === call);
    if (platform !== undefined) return { kind: 'builtin', name: platform };
  }
  return cataloged(use, call) ?? addressed(call);
}

/** `human:1.0.0@default` → `human`; other names as they are. */
export function functionName(call: string): string {
  return /^([a-z0-9]+):1\.0\.\d+@default$/.exec(call)?.[1] ?? call;
}

function cataloged(use: Use, call: string): Called | undefined {
  const match = /^([^:@/\s]+):([^@/\s]+)@([^@/\s]+)$/.exec(call);
  if (match === null) return undefined;
  const [, name = '', version = '', catalogName = ''] = match;
  const catalog = use.get('catalogs', catalogName);
  if (catalog === undefined) return undefined;
  const endpoint = fixedAddress(memberOf(catalog, 'endpoint'));
  return {
    kind: 'external',
    name,
    ...(endpoint === undefined ? {} : { uri: catalogAddress(endpoint, name, version) }),
  };
}

function addressed(call: string): Called | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(call)) return undefined;
  return { kind: 'external', name: nameOfAddress(call), uri: rawAddress(call) };
}

/** `…/functions/log/1.0.0/function.yaml` → `log`; otherwise the last part of the path. */
function nameOfAddress(address: string): string {
  const path = address.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[?#].*$/, '');
  const parts = path.split('/').filter((part) => part !== '');
  const file = (parts.at(-1) ?? address).replace(/\.(?:ya?ml|json)$/i, '');
  if (file !== 'function') return file;
  const folders = parts.slice(1, -1).filter((part) => !/^v?\d+(?:\.\d+)*/.test(part));
  return folders.at(-1) ?? file;
}
