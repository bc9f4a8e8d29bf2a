import { executorsNeeded, unavailableIn, type Ir } from '@parley/ir';
import type { Place, Reporter } from '../diagnostics/reporter.js';
import { isTaskKeyword } from '../language/index.js';
import { unescapeToken, type SourceNode } from '../source/tree.js';

/** Warns of what this version does not run, once for each place and thing. */
export function reportUnavailable(root: SourceNode, reporter: Reporter, ir: Ir): void {
  const told = new Set<string>();
  for (const { pointer, what } of unavailableIn(ir)) {
    const key = `${pointer} ${what}`;
    if (told.has(key)) continue;
    told.add(key);
    const node = nodeAt(root, pointer);
    reporter.report('PL1060', placeOf(node), {
      message: `${what.includes('"') ? what : `"${what}"`} is valid, but this version of Parley does not run it yet`,
      actual: what,
    });
  }
}

/** Warns of what runs only where the operator of the installation has enabled it. */
export function reportExecutors(root: SourceNode, reporter: Reporter, ir: Ir): void {
  const needed = new Map(executorsNeeded(ir).map(({ pointer, executor }) => [pointer, executor]));
  for (const [pointer, executor] of needed) {
    reporter.report('PL1065', placeOf(nodeAt(root, pointer)), {
      message: `"run: ${executor}" runs only where the operator of Parley has enabled the executor "${executor}"`,
      actual: `run: ${executor}`,
    });
  }
}

/** The keyword of a task; the key of anything else. */
function placeOf(node: SourceNode): Place {
  const keyword =
    node.kind === 'map' ? node.entries.find(({ key }) => isTaskKeyword(key)) : undefined;
  if (keyword !== undefined) return { span: keyword.keySpan, pointer: keyword.value.pointer };
  return { span: node.keySpan ?? node.span, pointer: node.pointer };
}

/** The node at a pointer, or the nearest around it. */
function nodeAt(root: SourceNode, pointer: string): SourceNode {
  let found = root;
  for (const token of pointer.split('/').slice(1)) {
    const next =
      found.kind === 'list'
        ? found.items[Number(token)]
        : found.kind === 'map'
          ? found.entries.find(({ key }) => key === unescapeToken(token))?.value
          : undefined;
    if (next === undefined) break;
    found = next;
  }
  return found;
}
