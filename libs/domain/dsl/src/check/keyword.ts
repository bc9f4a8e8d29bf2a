import { nearest } from '../diagnostics/nearest.js';
import { settle } from '../language/navigate.js';
import { commonMembers, task, taskKeywords } from '../language/tasks.js';
import { textOf, type MapEntry, type MapNode } from '../source/tree.js';
import { keyPlace, nameOf, type Check } from './context.js';
import { isCallable } from './function.js';
import { suits } from './strays.js';

/** Members that only make sense beside a keyword. */
const companions: Readonly<Record<string, string>> = {
  with: 'call',
  catch: 'try',
  while: 'for',
  foreach: 'listen',
};

export function reportNoKeyword(check: Check, node: MapNode): void {
  const guess = guessOf(node);
  const place =
    guess === undefined
      ? keyPlace(node)
      : { span: guess.member.keySpan, pointer: guess.member.value.pointer };
  const best = guess?.near[0];
  const companion = companionOf(node);
  const because =
    companion === undefined ? '' : `: "${companion.key}" belongs to "${companion.owner}"`;
  const fits = guess !== undefined && best !== undefined && suitsKeyword(best, guess.member);
  check.reporter.report('PL1014', place, {
    message: `The task ${nameOf(node)} does not say what to do${because}`,
    expected: companion?.owner ?? taskKeywords.join(', '),
    ...(guess && { actual: guess.member.key, suggestions: guess.near }),
    ...(fits && {
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
  const owner = companionOf(node)?.owner;
  const [member] = foreign;
  return owner === undefined || member === undefined ? undefined : { member, near: [owner] };
}

interface Companion {
  readonly key: string;
  readonly owner: string;
}

function companionOf(node: MapNode, keyword?: string): Companion | undefined {
  for (const { key } of node.entries) {
    const owner = Object.hasOwn(companions, key) ? companions[key] : undefined;
    if (owner !== undefined && owner !== keyword) return { key, owner };
  }
  return undefined;
}

/** Whether the value of a keyword can be what the keyword wants, at first sight. */
export function holdsItsOwn(entry: MapEntry): boolean {
  return suitsKeyword(entry.key, entry);
}

function suitsKeyword(keyword: string, { value }: MapEntry): boolean {
  const member = task.undecided.members[keyword];
  return member !== undefined && suits(settle(member.shape, value), value);
}

/**
 * The keyword that was meant by another one: its value cannot be what the keyword says, and can be
 * what only the other wants; or beside it stands what belongs to the other (`do: http` with `with`).
 */
export function meantKeyword(check: Check, node: MapNode, keyword: MapEntry): string | undefined {
  const companion = companionOf(node, keyword.key);
  const { value } = keyword;
  if (companion === undefined && holdsItsOwn(keyword)) return undefined;
  if (companion?.owner === 'call') {
    const name = textOf(value);
    return name !== undefined && isCallable(check, name) ? 'call' : undefined;
  }
  if (companion?.owner === 'try' && value.kind === 'list' && !holdsItsOwn(keyword)) return 'try';
  if (holdsItsOwn(keyword) || value.kind !== 'map' || value.entries.length === 0) return undefined;
  const meant = taskKeywords.filter(
    (other) => other !== 'wait' && other !== 'set' && suitsKeyword(other, keyword),
  );
  return meant.length === 1 ? meant[0] : undefined;
}

export function reportMeant(
  check: Check,
  node: MapNode,
  { keyword, meant }: { readonly keyword: MapEntry; readonly meant: string },
): void {
  const alone = node.entries.every(
    (entry) => entry === keyword || Object.hasOwn(commonMembers, entry.key),
  );
  check.reporter.report(
    'PL1014',
    { span: keyword.keySpan, pointer: keyword.value.pointer },
    {
      message: `The task ${nameOf(node)} says "${keyword.key}", but what it says belongs to "${meant}"`,
      expected: meant,
      actual: keyword.key,
      suggestions: [meant],
      ...((alone || meant === 'call' || meant === 'try') && {
        fix: { title: `Rename to "${meant}"`, span: keyword.keySpan, newText: meant },
      }),
    },
  );
}
