import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { clip, nameOf, type References } from '../document/references.js';
import { join, type Pointer } from '../document/pointer.js';
import type { Findings } from '../faults.js';
import type { DeclaredScheme } from '../model.js';

/** Reads `components.securitySchemes`. */
export function readSchemes(
  value: Json | undefined,
  references: References,
  findings: Findings,
): DeclaredScheme[] {
  const pointer = '/components/securitySchemes';
  if (value === undefined) return [];
  if (!isJsonObject(value)) {
    findings.fault(pointer, `Security schemes by name are expected here, not ${nameOf(value)}.`);
    return [];
  }
  return Object.entries(value).flatMap(([name, raw]) => {
    const scheme = references.object(raw, join(pointer, name));
    return scheme ? [schemeOf(name, scheme.value)] : [];
  });
}

function schemeOf(name: string, scheme: JsonObject): DeclaredScheme {
  const text = scheme['description'];
  const described = typeof text === 'string' ? { description: text.slice(0, 1_000) } : {};
  const place = scheme['in'];
  const parameter = scheme['name'];
  if (
    scheme['type'] === 'apiKey' &&
    typeof parameter === 'string' &&
    (place === 'header' || place === 'query' || place === 'cookie')
  ) {
    return { name, type: 'apiKey', in: place, parameter, ...described };
  }
  const http =
    scheme['type'] === 'http' && typeof scheme['scheme'] === 'string'
      ? scheme['scheme'].toLowerCase()
      : undefined;
  if (http === 'bearer' || http === 'basic') return { name, type: http, ...described };
  const kind = typeof scheme['type'] === 'string' ? scheme['type'] : 'unknown';
  const said = 'description' in described ? ` ${described.description}` : '';
  return {
    name,
    type: 'unsupported',
    description: `Not supported: ${kind}${http === undefined ? '' : ` ${http}`}.${said}`,
  };
}

/** Reads a `security` member: alternatives, each a set of schemes; empty when none is needed. */
export function readRequirements(
  value: Json | undefined,
  pointer: Pointer,
  context: { schemes: readonly DeclaredScheme[]; findings: Findings },
): string[][] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    context.findings.fault(pointer, `A list is expected here, not ${nameOf(value)}.`);
    return [];
  }
  const known = new Set(context.schemes.map(({ name }) => name));
  const alternatives = value.flatMap((alternative, index) => {
    if (!isJsonObject(alternative)) {
      context.findings.fault(join(pointer, index), 'Security schemes by name are expected here.');
      return [];
    }
    const names = Object.keys(alternative);
    const unknown = names.find((name) => !known.has(name));
    if (unknown !== undefined) {
      context.findings.fault(
        join(pointer, index, unknown),
        `The security scheme ${clip(unknown)} is not declared in components.securitySchemes.`,
      );
    }
    return [names];
  });
  return alternatives.length === 1 && alternatives[0]?.length === 0 ? [] : alternatives;
}
