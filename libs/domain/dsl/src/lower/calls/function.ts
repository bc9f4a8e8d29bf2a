import { memberOf, escapeToken, type SourceNode } from '../../source/tree.js';
import { functionDepthMax, pin, type Context, type TaskPlace } from '../context.js';
import type { Called } from '../functions.js';
import { jsonNode } from '../json-node.js';
import { member } from '../kinds.js';
import type { Kind } from '../node.js';
import { objectTemplate, template, text } from '../values.js';

/**
 * A call of a custom function runs the function's task on the arguments. Without a definition of
 * the function (no lock pins it, or it calls itself) the call stays what it is.
 */
export function functionCall(
  ctx: Context,
  task: SourceNode,
  place: TaskPlace,
  called: Exclude<Called, { kind: 'builtin' }>,
): Kind {
  const given = memberOf(task, 'with');
  const arguments_ = given === undefined ? objectTemplate([]) : template(ctx, given, place);
  const written = text(member(task, 'call'));
  const key = called.kind === 'external' ? (called.uri ?? written) : called.name;
  const deep = place.calling.length >= functionDepthMax;
  if (deep) ctx.cut.deep = true;
  const known = !deep && !place.calling.includes(key);
  const definition = known ? definitionOf(ctx, task, called) : undefined;
  if (definition === undefined) {
    return {
      kind: 'call',
      function: 'custom',
      with: arguments_,
      delivery: 'once',
      custom: written,
    };
  }
  const scope = `${place.id}/call`;
  const id = `${place.id}/${escapeToken(called.name)}`;
  ctx.scopes.set(scope, { id: scope, owner: place.id, nodes: [id] });
  ctx.lowerTask(definition, {
    id,
    name: called.name,
    scope,
    next: { to: 'exit' },
    siblings: new Map(),
    branch: false,
    scoped: [],
    calling: [...place.calling, key],
    ...(place.extended && { extended: place.extended }),
  });
  return { kind: 'do', with: arguments_, body: scope };
}

function definitionOf(
  ctx: Context,
  task: SourceNode,
  called: Exclude<Called, { kind: 'builtin' }>,
): SourceNode | undefined {
  if (called.kind === 'inline') return called.task;
  const external = pin(ctx, 'function', called.uri);
  return external && jsonNode(external.content, task.pointer);
}
