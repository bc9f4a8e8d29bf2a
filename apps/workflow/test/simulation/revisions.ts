import type { Entry, RunState } from '@parley/engine';
import type { Ir, IrNode, Target } from '@parley/ir';

export interface RevisionsOptions {
  /** A compiled definition by its hash. */
  readonly definition: (hash: string) => Ir | undefined;
  readonly violate: (rule: string, what: string) => void;
}

/**
 * Watches which revision of their definitions runs go by.
 *
 * V1  An overlay is applied to the revision that it was made for, and leaves what is in progress, kept
 *     or about to begin in the definition; what is in progress or kept as it was.
 * V2  From then on, and not before, what begins is a task of the new revision, and what follows a task
 *     is what follows it there.
 * V3  An occurrence that begins once more, after a retry, is the task that it was.
 * V4  The row of a run says which revision it goes by.
 */
export class Revisions {
  private readonly options: RevisionsOptions;
  private readonly inForce = new Map<string, string>();
  /** What an occurrence was when it began. */
  private readonly begun = new Map<string, string>();
  private readonly shapes = new Map<string, string>();

  constructor(options: RevisionsOptions) {
    this.options = options;
  }

  started(runId: string, irHash: string): void {
    this.inForce.set(runId, irHash);
  }

  /** V4, after a turn. */
  checkRow(runId: string, irHash: string): void {
    if (this.inForce.get(runId) === irHash) return;
    this.options.violate('V4', `the row of ${runId} does not say what the run goes by`);
  }

  entry(runId: string, entry: Entry, before: RunState): void {
    const hash = this.inForce.get(runId) ?? '';
    const ir = this.options.definition(hash);
    if (ir === undefined) return;
    if (entry.kind === 'overlaid') this.overlaid(runId, entry, { before, ir });
    else if ('node' in entry && 'parent' in entry) this.placed(runId, entry, ir);
    if (!('next' in entry)) return;
    const id = 'node' in entry ? entry.node : before.frames.get(entry.occurrence)?.node;
    const node = id === undefined ? undefined : ir.nodes[id];
    if (node !== undefined && leads(node, entry.next)) return;
    this.options.violate(
      'V2',
      `${runId} ${entry.occurrence} leads elsewhere than its revision says`,
    );
  }

  /** V1 */
  private overlaid(
    runId: string,
    { overlay, base, revision }: Extract<Entry, { kind: 'overlaid' }>,
    { before, ir }: { readonly before: RunState; readonly ir: Ir },
  ): void {
    const { violate } = this.options;
    if (base !== ir.hash) violate('V1', `${overlay} was not made for what ${runId} goes by`);
    this.inForce.set(runId, revision);
    const after = this.options.definition(revision);
    if (after === undefined) return violate('V1', `${runId} goes by what is not there`);
    const { frames, ready, kept = [] } = before;
    for (const { node } of [...frames.values(), ...kept]) {
      if (node !== '' && this.shapeOf(ir, node) !== this.shapeOf(after, node)) {
        violate('V1', `${overlay} changes ${node} of ${runId}, which is in progress`);
      }
    }
    for (const item of ready) {
      if (item.do === 'enter' && after.nodes[item.node] === undefined) {
        violate(
          'V1',
          `${overlay} takes ${item.node} away from ${runId}, which is about to begin it`,
        );
      }
    }
  }

  private placed(
    runId: string,
    { occurrence, node, task }: Extract<Entry, { node: string; parent: string; task: unknown }>,
    ir: Ir,
  ): void {
    if (ir.nodes[node]?.kind !== task) {
      this.options.violate('V2', `${runId} ${occurrence} is no task of its revision`);
    }
    const key = `${runId} ${occurrence}`;
    const shape = this.shapeOf(ir, node);
    if ((this.begun.get(key) ?? shape) !== shape) {
      this.options.violate('V3', `${runId} ${occurrence} began as another task`);
    }
    this.begun.set(key, shape);
  }

  /** A task without its place, and without what follows it; of a fork with its branches. */
  private shapeOf(ir: Ir, id: string): string {
    const key = `${ir.hash} ${id}`;
    const known = this.shapes.get(key);
    if (known !== undefined) return known;
    const { [id]: node } = ir.nodes;
    const branches = node?.kind === 'fork' ? ir.scopes[node.branches]?.nodes : undefined;
    const shape = JSON.stringify([node && apart(node), branches]);
    this.shapes.set(key, shape);
    return shape;
  }
}

function apart({ pointer: _pointer, next: _next, nextIfSkipped: _skipped, ...rest }: IrNode) {
  return rest;
}

function leads(node: IrNode, to: Target): boolean {
  const ways: (Target | undefined)[] = [node.next, node.nextIfSkipped];
  if (node.kind === 'switch') ways.push(...node.cases.map((one) => one.then));
  if (node.kind === 'try') ways.push(node.catch.then);
  return ways.some((way) => JSON.stringify(way) === JSON.stringify(to));
}
