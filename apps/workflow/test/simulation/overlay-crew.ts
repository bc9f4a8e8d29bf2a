import type { ApplyOverlay } from '@parley/engine';
import { overlayBetween, repadded, type Padded, type Random } from '@parley/engine/testing';
import type { Definition } from './catalogue.js';
import type { MemoryDatabase } from './memory-database.js';

/** Of one run, at most. */
const overlaysMax = 8;

export interface OverlayCrewOptions {
  readonly tenantId: string;
  readonly database: MemoryDatabase;
  readonly random: Random;
  readonly definitions: readonly Definition[];
  readonly apply: (runId: string, overlay: ApplyOverlay) => void;
}

/** Whoever changes runs that are going on: often late, sometimes twice, and never asked by the run. */
export class OverlayCrew {
  private readonly options: OverlayCrewOptions;
  /** What runs of definitions with room for overlays may go by, by hash. */
  private readonly known = new Map<string, Padded>();
  private readonly made = new Map<string, ApplyOverlay[]>();

  constructor(options: OverlayCrewOptions) {
    this.options = options;
  }

  look(): void {
    const { database, random, definitions } = this.options;
    for (const { padded } of definitions) if (padded) this.known.set(padded.ir.hash, padded);
    for (const { row } of database.runs.values()) {
      const seen = this.known.get(row.irHash);
      if (seen === undefined || row.endedAt !== undefined || random.chance(0.4)) continue;
      this.overlay(row.runId, seen);
    }
  }

  /** For what the row says; as a rule a moment ago, sometimes long ago. */
  private overlay(runId: string, seen: Padded): void {
    const { database, random, tenantId, apply } = this.options;
    const made = this.made.get(runId) ?? [];
    const old = made[random.below(made.length + 1)];
    if (old !== undefined && random.chance(0.3)) return apply(runId, old);
    if (made.length >= overlaysMax) return;
    const from = (old && random.chance(0.3) && this.known.get(old.base)) || seen;
    const to = repadded(from, random);
    this.known.set(to.ir.hash, to);
    database.define(tenantId, to.ir);
    const id = `${runId} ${String(made.length)}`;
    const overlay = overlayBetween(from.ir, to.ir, { id, by: 'mem_over', moved: [...to.moved] });
    this.made.set(runId, [...made, overlay]);
    apply(runId, overlay);
  }
}
