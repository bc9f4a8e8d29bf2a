import { changesBetween, type Ir, type NodeId } from '@parley/ir';
import type { OverlaidTasks } from '../overlay-entries.js';
import { testsOf } from '../overlays.js';
import type { ApplyOverlay } from '../stimuli.js';

/** The overlay that leads from one definition to another: it names the outermost of what differs. */
export function overlayBetween(
  before: Ir,
  after: Ir,
  { id, by, moved = [] }: { readonly id: string; readonly by: string; readonly moved?: NodeId[] },
): ApplyOverlay {
  const { added, removed, reshaped } = changesBetween(before, after);
  const changed = new Set([...added, ...removed, ...reshaped]);
  const outermost = (ids: readonly NodeId[], { nodes, scopes }: Ir) =>
    ids.filter((node) => !changed.has(scopes[nodes[node]?.scope ?? '']?.owner ?? ''));
  const tasks: OverlaidTasks = {
    added: outermost(added, after),
    removed: outermost(removed, before),
    changed: outermost(reshaped, before),
    moved,
  };
  const tested = [...tasks.removed, ...tasks.changed, ...moved].map((task) => ({
    task,
    pointer: before.nodes[task]?.pointer ?? '',
  }));
  return {
    kind: 'applyOverlay',
    overlay: id,
    base: before.hash,
    revision: after.hash,
    tasks,
    tests: testsOf(before, tested),
    operations: [],
    by,
  };
}
