import { nearest } from '../diagnostics/nearest.js';
import { commonMembers, isTaskKeyword, task, taskKeywords } from '../language/tasks.js';
import { fits, settle, writtenIn } from '../language/navigate.js';
import type { SelectShape } from '../language/shape.js';
import { textOf, type MapEntry, type MapNode, type SourceNode } from '../source/tree.js';
import { nameOf, type Check, type Env } from './context.js';
import { isCallable } from './function.js';
import { walkObject } from './object.js';
import { expectMap } from './wrong.js';

/** Members that only make sense beside a keyword. */
const companions: Readonly<Record<string, string>> = {
  with: 'call',
  catch: 'try',
  while: 'for',
  foreach: 'listen',
};

/** Chooses what a task must be by its keyword; none, several and unfitting ones are reported. */
export function walkTask(check: Check, node: SourceNode, shape: SelectShape, env: Env): void {
  if (!expectMap(check, node)) return;
  const keyword = keywordOf(check, node);
  if (keyword === undefined) return;
  const chosen = shape.select(writtenIn(node, check.declared.of('functions')));
  if (chosen === undefined || isMistaken(check, node, keyword)) return;
  const called = keyword.key === 'call' ? textOf(keyword.value) : undefined;
  const lost = called !== undefined && !env.blind && !isCallable(check, called);
  walkObject(check, node, chosen, lost ? { ...env, blind: true } : env);
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
  check.reporter.report(
    'PL1015',
    { span: second.keySpan, pointer: second.value.pointer },
    {
      message: `The task ${nameOf(node)} says both "${first.key}" and "${second.key}"`,
      expected: 'one of them',
    },
  );
  return undefined;
}

function reportNoKeyword(check: Check, node: MapNode): void {
  const guess = guessOf(node);
  const place =
    guess === undefined
      ? { span: node.keySpan ?? startOf(node), pointer: node.pointer }
      : { span: guess.member.keySpan, pointer: guess.member.value.pointer };
  const best = guess?.near[0];
  const companion = node.entries.find(({ key }) => Object.hasOwn(companions, key))?.key;
  const owner = companion === undefined ? undefined : companions[companion];
  const because = owner === undefined ? '' : `: "${companion}" belongs to "${owner}"`;
  check.reporter.report('PL1014', place, {
    message: `The task ${nameOf(node)} does not say what to do${because}`,
    expected: owner ?? taskKeywords.join(', '),
    ...(guess && { actual: guess.member.key, suggestions: guess.near }),
    ...(best !== undefined && {
      fix: { title: `Rename to "${best}"`, span: place.span, newText: best },
    }),
  });
}

/** The member that was probably meant to be the keyword. */
function guessOf(node: MapNode): { member: MapEntry; near: string[] } | undefined {
  const foreign = node.entries.filter(
    ({ key }) => !Object.hasOwn(commonMembers, key) && !Object.hasOwn(companions, key),
  );
  for (const member of foreign) {
    const near = nearest(member.key, taskKeywords);
    if (near.length > 0) return { member, near };
  }
  const companion = node.entries.find(({ key }) => Object.hasOwn(companions, key));
  const owner = companion && companions[companion.key];
  const [member] = foreign;
  return owner === undefined || member === undefined ? undefined : { member, near: [owner] };
}

/**
 * A keyword that its own value does not fit, beside a member that belongs to another keyword
 * (`do: http` with `with`), is one mistake: the wrong keyword.
 */
function isMistaken(check: Check, node: MapNode, keyword: MapEntry): boolean {
  const companion = node.entries.find(
    ({ key }) => Object.hasOwn(companions, key) && companions[key] !== keyword.key,
  );
  const owner = companion && companions[companion.key];
  if (companion === undefined || owner === undefined || owner === 'for') return false;
  const member = task.undecided.members[keyword.key];
  if (member === undefined) return false;
  const wanted = settle(member.shape, keyword.value);
  const isText = textOf(keyword.value) !== undefined;
  if (wanted.kind === 'text' ? isText : fits(wanted, keyword.value)) return false;
  check.reporter.report(
    'PL1014',
    { span: keyword.keySpan, pointer: keyword.value.pointer },
    {
      message: `The task ${nameOf(node)} has "${companion.key}", which belongs to "${owner}", not to "${keyword.key}"`,
      expected: owner,
      actual: keyword.key,
      suggestions: [owner],
      fix: { title: `Rename to "${owner}"`, span: keyword.keySpan, newText: owner },
    },
  );
  return true;
}

function startOf(node: SourceNode): { start: number; end: number } {
  return { start: node.span.start, end: Math.min(node.span.end, node.span.start + 1) };
}
