import type { IrRunNode, Template } from '@parley/ir';
import { assert } from '@parley/kernel';
import { resourceAddress } from '../lock/addresses.js';
import { memberOf, textOf, type SourceNode } from '../source/tree.js';
import { resourceTemplate } from './calls/address.js';
import { data, ordered, type Reader } from './calls/arguments.js';
import { pin, type Context, type TaskPlace } from './context.js';
import { member } from './kinds.js';
import type { Kind } from './node.js';
import { durationTemplate, literal, objectTemplate, template, text } from './values.js';

const processes = ['container', 'script', 'shell', 'workflow'] as const;

export function runNode(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  const run = member(task, 'run');
  const process = processes.find((name) => memberOf(run, name) !== undefined);
  assert(process !== undefined, `a process at ${run.pointer}`);
  const waits = memberOf(run, 'await');
  return {
    kind: 'run',
    process,
    with: withOf[process](ctx, member(run, process), place),
    await: !(waits?.kind === 'scalar' && waits.value === false),
    return: (textOf(memberOf(run, 'return')) ?? 'stdout') as IrRunNode['return'],
  };
}

type WithOf = (ctx: Context, node: SourceNode, place: TaskPlace) => Template;

const withOf: Readonly<Record<(typeof processes)[number], WithOf>> = {
  container: (ctx, node, place) =>
    ordered(ctx, node, place, {
      image: template,
      name: template,
      command: template,
      ports: template,
      volumes: template,
      environment: template,
      stdin: template,
      arguments: template,
      lifetime: lifetimeOf,
      pullPolicy: data,
    }),
  script: scriptOf,
  shell: (ctx, node, place) =>
    ordered(ctx, node, place, {
      command: template,
      stdin: template,
      arguments: template,
      environment: template,
    }),
  workflow: (ctx, node, place) =>
    ordered(ctx, node, place, {
      namespace: template,
      name: template,
      version: template,
      input: template,
    }),
};

const lifetimeOf: Reader = (ctx, node, place) =>
  ordered(ctx, node, place, {
    cleanup: data,
    after: (_, after) => durationTemplate(ctx, after, place),
  });

/** Code is taken as it is written: what looks like an expression in it is the script's own. */
function scriptOf(ctx: Context, node: SourceNode, place: TaskPlace): Template {
  const code = memberOf(node, 'code');
  const source = memberOf(node, 'source');
  const pinned = pin(ctx, 'script', resourceAddress(source))?.content;
  const entries: (readonly [string, Template])[] = [
    ['language', literal(text(member(node, 'language')))],
  ];
  if (code !== undefined) entries.push(['code', literal(text(code))]);
  else if (typeof pinned === 'string') entries.push(['code', literal(pinned)]);
  else if (source !== undefined) entries.push(['source', resourceTemplate(ctx, source, place)]);
  for (const name of ['stdin', 'arguments', 'environment']) {
    const field = memberOf(node, name);
    if (field !== undefined) entries.push([name, template(ctx, field, place)]);
  }
  return objectTemplate(entries);
}
