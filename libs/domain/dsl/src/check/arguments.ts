import { nearest } from '../diagnostics/nearest.js';
import { httpMethods } from '../language/protocols.js';
import { memberOf, textOf, type MapNode } from '../source/tree.js';
import { keyPlace, type Check } from './context.js';
import { checkJsonSchema } from './json-schema.js';
import type { Around } from './rules.js';

const methods: ReadonlySet<string> = new Set([...httpMethods, 'TRACE', 'CONNECT', 'QUERY']);

/** Any token is an HTTP method; one that hardly any server knows is probably a slip. */
export function checkMethod(check: Check, node: MapNode): void {
  const method = memberOf(node, 'method');
  const text = textOf(method);
  if (method === undefined || text === undefined || text.includes('${')) return;
  if (methods.has(text.toUpperCase())) return;
  const token = /^[\w!#$%&'*+.^`|~-]+$/.test(text);
  const near = nearest(text, httpMethods);
  const [best] = near;
  check.reporter.report(token ? 'PL1048' : 'PL1013', method, {
    message: token ? `"${text}" is an unusual HTTP method` : `"method" cannot be "${text}"`,
    expected: httpMethods.join(', '),
    actual: text,
    suggestions: near,
    ...(best !== undefined && {
      fix: { title: `Write ${best}`, span: method.span, newText: best },
    }),
  });
}

/** Where the agent is, either its card or the address says. */
export function checkAgentCard(check: Check, node: MapNode, { whole }: Around): void {
  if (!whole || node.entries.some(({ key }) => key === 'agentCard' || key === 'server')) return;
  check.reporter.report('PL1018', keyPlace(node), {
    message: '"with" needs "agentCard" or "server"',
    expected: 'agentCard or server',
  });
}

/** A schema is a JSON Schema, unless its format says otherwise: nothing is known of others. */
export function checkSchema(check: Check, node: MapNode): void {
  const format = textOf(memberOf(node, 'format')) ?? 'json';
  const document = memberOf(node, 'document');
  if (document !== undefined && /^json(:|$)/.test(format)) checkJsonSchema(check, document);
}

/** What a form asks for, and what an agent answers, is an object. */
export function checkForm(check: Check, node: MapNode, member: 'form' | 'output'): void {
  const form = memberOf(node, member);
  if (form === undefined) return;
  if (form.kind !== 'map') {
    check.reporter.report('PL1045', form, { message: `"${member}" must be a JSON Schema` });
    return;
  }
  if (!checkJsonSchema(check, form)) return;
  const type = memberOf(form, 'type');
  if (type === undefined || textOf(type) === 'object') return;
  check.reporter.report('PL1045', type, {
    message: `"${member}" must describe an object`,
    expected: 'object',
    fix: { title: 'Write object', span: type.span, newText: 'object' },
  });
}
