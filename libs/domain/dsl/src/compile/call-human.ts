import type { Template } from '@parley/ir';
import { textOf, toJson, type SourceNode } from '../source/tree.js';
import { formatDuration } from '../values/duration.js';
import type { Call } from './call.js';
import type { Context } from './context.js';
import { checkJsonSchema } from './json-schema.js';
import { expectMap, expectName, readMembers, type Members } from './members.js';
import { objectTemplate, readDuration, readTemplate } from './values.js';

const members: Members = {
  title: { required: true },
  message: {},
  assignee: { required: true },
  form: {},
  due: {},
  data: {},
};
const assigneeMembers: Members = { role: {}, member: {} };

/** F3 */
export function compileHuman(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
): Call | undefined {
  const fields = readMembers(ctx, node, members, '"with"');
  if (fields === undefined) return undefined;
  const readers: Readonly<Record<string, (field: SourceNode) => Template | undefined>> = {
    title: (field) => readText(ctx, field, variables),
    message: (field) => readText(ctx, field, variables),
    assignee: (field) => readAssignee(ctx, field, variables),
    form: (field) => readForm(ctx, field),
    due: (field) => readDue(ctx, field, variables),
    data: (field) => readTemplate(ctx, field, variables),
  };
  const entries = Object.entries(readers).flatMap(([name, read]) => {
    const field = fields.get(name);
    const template = field && read(field);
    return template === undefined ? [] : [[name, template] as const];
  });
  return { function: 'human', with: objectTemplate(entries), delivery: 'idempotent' };
}

function readText(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
): Template | undefined {
  const name = node.pointer.slice(node.pointer.lastIndexOf('/') + 1);
  if (expectName(ctx, node, `"${name}"`) === undefined) return undefined;
  return readTemplate(ctx, node, variables);
}

function readAssignee(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
): Template | undefined {
  const fields = readMembers(ctx, node, assigneeMembers, '"assignee"');
  if (fields === undefined || node.kind !== 'map') return undefined;
  const [first, second] = fields;
  if (second !== undefined || (first === undefined && node.entries.length === 0)) {
    ctx.reporter.report(
      'PL1018',
      { span: node.keySpan ?? node.span, pointer: node.pointer },
      {
        message: '"assignee" needs either "role" or "member"',
        expected: 'role or member',
      },
    );
    return undefined;
  }
  if (first === undefined) return undefined;
  const value = readText(ctx, first[1], variables);
  return value && objectTemplate([[first[0], value]]);
}

function readForm(ctx: Context, node: SourceNode): Template | undefined {
  if (!expectMap(ctx, node, '"form"') || !checkJsonSchema(ctx, node)) return undefined;
  const type = node.entries.find((entry) => entry.key === 'type')?.value;
  if (type === undefined || textOf(type) === 'object')
    return { kind: 'literal', value: toJson(node) };
  ctx.reporter.report('PL1045', type, {
    message: '"form" must describe an object',
    expected: 'object',
    fix: { title: 'Write object', span: type.span, newText: 'object' },
  });
  return undefined;
}

function readDue(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
): Template | undefined {
  const due = readDuration(ctx, node, variables, '"due"');
  if (due === undefined) return undefined;
  return 'ms' in due
    ? { kind: 'literal', value: formatDuration(due.ms) }
    : { kind: 'expression', source: due.source };
}
