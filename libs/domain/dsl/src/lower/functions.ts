import type { CallFunction } from '@parley/ir';
import { catalogAddress, fixedAddress, rawAddress } from '../lock/addresses.js';
import {
  catalogFunction,
  functionName,
  isFunctionAddress,
  platformFunctions,
  protocols,
} from '../language/index.js';
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

/** What a `call` means; undefined: nothing of that name is declared. */
export function calledFunction(use: Use, call: string): Called | undefined {
  const protocol = protocols.find((name) => name === call);
  if (protocol !== undefined) return { kind: 'builtin', name: protocol };
  const task = use.get('functions', call);
  if (task !== undefined) return { kind: 'inline', name: call, task };
  const short = functionName(call);
  const builtin = [...protocols, ...platformFunctions].find((name) => name === short);
  if (builtin !== undefined) return { kind: 'builtin', name: builtin };
  return cataloged(use, call) ?? addressed(call);
}

function cataloged(use: Use, call: string): Called | undefined {
  const cataloged = catalogFunction(call);
  const catalog = cataloged && use.get('catalogs', cataloged.catalog);
  if (cataloged === undefined || catalog === undefined) return undefined;
  const { name, version } = cataloged;
  const endpoint = fixedAddress(memberOf(catalog, 'endpoint'));
  return {
    kind: 'external',
    name,
    ...(endpoint === undefined ? {} : { uri: catalogAddress(endpoint, name, version) }),
  };
}

function addressed(call: string): Called | undefined {
  if (!isFunctionAddress(call)) return undefined;
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
