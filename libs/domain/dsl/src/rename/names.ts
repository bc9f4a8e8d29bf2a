import { renderInline, renderKey } from '../render/render.js';
import {
  catalogFunction,
  isFunctionAddress,
  platformFunctions,
  protocols,
} from '../language/functions.js';
import type { Occurrence, Symbol } from './symbols.js';

const nameLengthMax = 200;
const directives = ['continue', 'exit', 'end'];
const offered: readonly string[] = [...protocols, ...platformFunctions];

/** Why something cannot have a name, or undefined. */
export function whyNot(kind: Symbol['kind'], name: string): string | undefined {
  if (name.trim() === '') return 'The name is empty';
  if (name.length > nameLengthMax) return `Names have at most ${nameLengthMax} characters`;
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'Names have no line breaks or control characters';
  if (kind === 'task' && directives.includes(name)) {
    return `Nothing can go to a task named "${name}": "then: ${name}" means something else`;
  }
  if (kind === 'functions') return whyNoFunction(name);
  if (kind !== 'catalogs') return undefined;
  if (name === 'default') return 'The catalog "default" is the one of the platform';
  return /[:@/\s]/.test(name) ? 'Names of catalogs have no colon, slash, @ or space' : undefined;
}

function whyNoFunction(name: string): string | undefined {
  if (offered.includes(name)) return `"call: ${name}" means a function of the platform`;
  return catalogFunction(name) !== undefined || isFunctionAddress(name)
    ? `"call: ${name}" means a function that is not declared here`
    : undefined;
}

/** How a name is written at a place, in the manner of what stands there. */
export function written(source: string, { as, span, node }: Occurrence, name: string): string {
  if (as === 'part') return name;
  if (as === 'member') {
    const access = /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
    if (node?.style === 'double') return JSON.stringify(access).slice(1, -1);
    return node?.style === 'single' ? access.replaceAll("'", "''") : access;
  }
  const first = source.charAt(span.start);
  if (first === '"') return JSON.stringify(name);
  if (first === "'") return `'${name.replaceAll("'", "''")}'`;
  // Between brackets these characters end a text.
  if (/[,[\]{}]/.test(name)) return JSON.stringify(name);
  return as === 'key' ? renderKey(name) : (renderInline(name) ?? JSON.stringify(name));
}
