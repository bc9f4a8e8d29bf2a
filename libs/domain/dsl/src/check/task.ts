import { writtenIn } from '../language/navigate.js';
import { isTaskKeyword } from '../language/tasks.js';
import type { SelectShape } from '../language/shape.js';
import { textOf, type MapEntry, type MapNode, type SourceNode } from '../source/tree.js';
import { nameOf, type Check, type Env } from './context.js';
import { isCallable } from './function.js';
import { holdsItsOwn, meantKeyword, reportMeant, reportNoKeyword } from './keyword.js';
import { walkObject } from './object.js';
import { expectMap } from './wrong.js';

/** Chooses what a task must be by its keyword; none, several and unfitting ones are reported. */
export function walkTask(check: Check, node: SourceNode, shape: SelectShape, env: Env): void {
  if (!expectMap(check, node)) return;
  const keyword = keywordOf(check, node);
  if (keyword === undefined) return;
  const chosen = shape.select(writtenIn(node, check.declared.of('functions')));
  if (chosen === undefined) return;
  const meant = meantKeyword(check, node, keyword);
  if (meant !== undefined) {
    reportMeant(check, node, { keyword, meant });
    return;
  }
  const lost = keyword.key === 'call' && !env.blind && !isFound(check, keyword.value);
  walkObject(check, node, chosen, lost ? { ...env, blind: true } : env);
}

/** Whether a call leads somewhere; otherwise nobody knows which variables its arguments see. */
function isFound(check: Check, call: SourceNode): boolean {
  const name = textOf(call);
  return name !== undefined && isCallable(check, name);
}

function keywordOf(check: Check, node: MapNode): MapEntry | undefined {
  let first: MapEntry | undefined;
  let second: MapEntry | undefined;
  const loops = node.entries.some(({ key }) => key === 'for');
  for (const entry of node.entries) {
    if (!isTaskKeyword(entry.key) || (loops && entry.key === 'do')) continue;
    if (first === undefined) first = entry;
    else second ??= entry;
  }
  if (first === undefined) {
    reportNoKeyword(check, node);
    return undefined;
  }
  if (second === undefined) return first;
  const [extra, other] =
    holdsItsOwn(second) && !holdsItsOwn(first) ? [first, second] : [second, first];
  check.reporter.report(
    'PL1015',
    { span: extra.keySpan, pointer: extra.value.pointer },
    {
      message: `The task ${nameOf(node)} says both "${other.key}" and "${extra.key}"`,
      expected: 'one of them',
    },
  );
  return undefined;
}
