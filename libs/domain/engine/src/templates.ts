import type { Template } from '@parley/ir';
import { objectOf, type Json } from '@parley/kernel';
import type { Evaluate } from './expressions.js';

/**
 * Turns a template into one function. Only what the author wrote as an expression is evaluated:
 * text inside data that looks like an expression stays text.
 */
export function compileTemplate(
  template: Template,
  compile: (source: string) => Evaluate,
): Evaluate {
  switch (template.kind) {
    case 'literal':
      return () => template.value;
    case 'expression':
      return compile(template.source);
    case 'text':
      return textTemplate(template.parts, compile);
    case 'array': {
      const items = template.items.map((item) => compileTemplate(item, compile));
      return (env) => items.map((item) => item(env));
    }
    case 'object': {
      const members = template.entries.map(
        ([key, member]) => [key, compileTemplate(member, compile)] as const,
      );
      return (env) => objectOf(members.map(([key, member]) => [key, member(env)] as const));
    }
  }
}

function textTemplate(
  parts: Extract<Template, { kind: 'text' }>['parts'],
  compile: (source: string) => Evaluate,
): Evaluate {
  const compiled = parts.map((part) => (typeof part === 'string' ? part : compile(part.source)));
  return (env) =>
    compiled.map((part) => (typeof part === 'string' ? part : asText(part(env)))).join('');
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
