import { isJsonObject, type Json } from '@parley/kernel';
import { clip, nameOf } from '../document/references.js';
import { join } from '../document/pointer.js';
import type { Findings } from '../faults.js';

const serversMax = 50;

export interface Servers {
  readonly servers: string[];
  readonly baseUrl?: string;
  readonly question?: string;
}

/** Reads `servers`; says what to ask when they do not name exactly one address. */
export function readServers(
  value: Json | undefined,
  sourceUrl: string | undefined,
  findings: Findings,
): Servers {
  const servers: string[] = [];
  if (value !== undefined && !Array.isArray(value)) {
    findings.fault('/servers', `A list of servers is expected here, not ${nameOf(value)}.`);
  }
  const listed = Array.isArray(value) ? value.slice(0, serversMax) : [];
  for (const [index, server] of listed.entries()) {
    const url = isJsonObject(server) ? server['url'] : undefined;
    if (!isJsonObject(server) || typeof url !== 'string') {
      findings.fault(join('/servers', index), 'A server needs a `url`.');
      continue;
    }
    const written = substitute(url, server['variables']);
    const address = absolute(written, sourceUrl) ?? written;
    if (!servers.includes(address)) servers.push(address);
  }
  return decide(servers);
}

function decide(servers: string[]): Servers {
  const [only] = servers;
  if (only === undefined) {
    return { servers, question: 'The document names no server: which base URL do calls go to?' };
  }
  if (servers.length > 1) {
    const list = servers.slice(0, 5).map(clip).join(', ');
    return {
      servers,
      question: `The document names ${servers.length} servers (${list}): which base URL do calls go to?`,
    };
  }
  if (!isAbsolute(only)) {
    return {
      servers,
      question: `The server ${clip(only)} is not a complete address: which base URL do calls go to?`,
    };
  }
  return { servers, baseUrl: only };
}

function substitute(url: string, variables: Json | undefined): string {
  return url.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    const variable =
      isJsonObject(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined;
    const value = isJsonObject(variable) ? variable['default'] : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : whole;
  });
}

/** An http(s) address without its trailing slash, query and fragment. */
function absolute(url: string, sourceUrl: string | undefined): string | undefined {
  if (/[{}]/.test(url)) return undefined;
  if (!URL.canParse(url, sourceUrl)) return undefined;
  const parsed = new URL(url, sourceUrl);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') return undefined;
  return parsed.origin + parsed.pathname.replace(/\/+$/, '');
}

function isAbsolute(url: string): boolean {
  return /^https?:\/\/[^/]/.test(url) && !/[{}]/.test(url);
}
