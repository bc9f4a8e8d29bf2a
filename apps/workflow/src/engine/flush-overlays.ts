import type { AppliedOverlay, RunState } from '@parley/engine';
import { isOwned, type Relations } from './relation.js';
import type { PlacedTurn } from './turn-record.js';

/** An overlay that a turn applied, or brought along from the run that it goes on from. */
export interface OverlayRow extends AppliedOverlay {
  /** Which of the run's overlays it is, from 1. */
  readonly ordinal: number;
}

/** Overlays are applied and never taken away. */
export function overlaysApplied(
  { overlays: before = [] }: RunState,
  { overlays: after = [] }: RunState,
): OverlayRow[] {
  return after.map((applied, index) => ({ ...applied, ordinal: index + 1 })).slice(before.length);
}

export function overlaysSql(relations: Relations, turns: readonly PlacedTurn[]): string[] {
  const applied = turns.flatMap((turn) =>
    (turn.overlays ?? []).map((overlay) => ({ turn, overlay })),
  );
  if (applied.length === 0) return [];
  const rows = relations.rows('v', applied, {
    run_id: ['text', ({ turn }) => turn.runId],
    ordinal: ['int', ({ overlay }) => overlay.ordinal],
    tenant_id: ['text', ({ turn }) => turn.tenantId],
    overlay_id: ['text', ({ overlay }) => overlay.overlay],
    base: ['text', ({ overlay }) => overlay.base],
    revision: ['text', ({ overlay }) => overlay.revision],
    applied_by: ['text', ({ overlay }) => overlay.by],
    reason: ['text', ({ overlay }) => overlay.reason?.replaceAll('\0', '\ufffd').toWellFormed()],
    applied_at: ['timestamptz', ({ overlay }) => overlay.at],
    position: ['int', ({ turn }) => turn.position],
    partition: ['int', ({ turn }) => turn.partition],
  });
  const columns =
    'run_id, ordinal, tenant_id, overlay_id, base, revision, applied_by, reason, applied_at, position';
  return [
    `INSERT INTO run_overlay (${columns})
    SELECT v.run_id, v.ordinal, v.tenant_id, v.overlay_id, v.base, v.revision, v.applied_by, v.reason,
      v.applied_at, v.position
    FROM ${rows} WHERE ${isOwned('v.partition')}`,
  ];
}
