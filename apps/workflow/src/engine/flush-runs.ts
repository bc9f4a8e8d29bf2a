import { encodePayload } from './codec.js';
import { isOwned, jsonOf, type Columns, type Relations } from './relation.js';
import type { PlacedTurn } from './turn-record.js';

/** The rows of runs, as the turns of the batch leave them. */
export function runsSql(
  relations: Relations,
  turns: readonly PlacedTurn[],
): (string | undefined)[] {
  const { started, changed } = projectedRuns(turns);
  return [
    runStartedSql(relations, started),
    runChangedSql(
      relations,
      changed.filter((run) => !isOverlaid(run)),
      changingColumns,
    ),
    runChangedSql(relations, changed.filter(isOverlaid), {
      ...changingColumns,
      ...revisionColumns,
    }),
  ];
}

/** A turn, for what it says about its run. */
type ProjectedRun = Pick<
  PlacedTurn,
  'runId' | 'partition' | 'position' | 'run' | 'startKey' | 'overlays'
>;

interface ProjectedRuns {
  readonly started: readonly ProjectedRun[];
  readonly changed: readonly ProjectedRun[];
}

/** Each run of the batch as its last turn left it; `started` when its first one is in the batch. */
function projectedRuns(turns: readonly PlacedTurn[]): ProjectedRuns {
  const started = new Map<string, ProjectedRun>();
  const changed = new Map<string, ProjectedRun>();
  for (const turn of turns) {
    const first = started.get(turn.runId);
    if (first !== undefined) started.set(turn.runId, { ...turn, startKey: first.startKey });
    else if (turn.position === 1) started.set(turn.runId, turn);
    else {
      const overlays = turn.overlays ?? changed.get(turn.runId)?.overlays;
      changed.set(turn.runId, overlays === undefined ? turn : { ...turn, overlays });
    }
  }
  return { started: [...started.values()], changed: [...changed.values()] };
}

const keyColumns: Columns<ProjectedRun> = {
  id: ['text', ({ runId }) => runId],
  partition: ['int', ({ partition }) => partition],
};

const factColumns: Columns<ProjectedRun> = {
  tenant_id: ['text', ({ run }) => run.tenantId],
  workflow_id: ['text', ({ run }) => run.workflowId],
  workflow_name: ['text', ({ run }) => run.workflowName],
  version: ['int', ({ run }) => run.version],
  started_by: ['text', ({ run }) => run.startedBy],
  priority: ['text', ({ run }) => run.priority],
  input: ['bytea', ({ run }) => encodePayload(run.input)],
  created_at: ['timestamptz', ({ run }) => run.createdAt],
  start_key: ['text', ({ startKey }) => startKey?.key],
};

/** What a run comes from, where that is another run or a schedule. */
const originColumns: Columns<ProjectedRun> = {
  rerun_of: ['text', ({ run }) => run.rerunOf],
  parent: ['json', ({ run }) => jsonOf(run.parent)],
  parent_run_id: ['text', ({ run }) => run.parent?.runId],
  scheduled_by: ['text', ({ run }) => run.scheduledBy],
  nominal_time: ['timestamptz', ({ run }) => msOf(run.nominalTime)],
};

/** What hardly ever changes, and stands in no update of other runs. */
const revisionColumns: Columns<ProjectedRun> = {
  ir_hash: ['text', ({ run }) => run.irHash],
};

function isOverlaid({ overlays }: ProjectedRun): boolean {
  return overlays !== undefined;
}

const changingColumns: Columns<ProjectedRun> = {
  status: ['text', ({ run }) => run.status],
  output: ['bytea', ({ run }) => (run.output === undefined ? null : encodePayload(run.output))],
  waiting_for: ['jsonb', ({ run }) => jsonOf(run.waitingFor)],
  position: ['int', ({ position }) => position],
  updated_at: ['timestamptz', ({ run }) => run.updatedAt],
  ended_at: ['timestamptz', ({ run }) => run.endedAt],
};

const failureColumns: Columns<ProjectedRun> = {
  error: ['jsonb', ({ run }) => jsonOf(run.error)],
  failed_step: ['text', ({ run }) => run.failedStep],
};

const startColumns = { ...keyColumns, ...factColumns, ...revisionColumns, ...changingColumns };

// A column costs the database the same for each row, whatever is in it: those that are empty in most
// batches are left out of them.

function isFailed({ run }: ProjectedRun): boolean {
  return run.error !== undefined || run.failedStep !== undefined;
}

function hasOrigin({ run }: ProjectedRun): boolean {
  const { rerunOf, parent, scheduledBy, nominalTime } = run;
  return [rerunOf, parent, scheduledBy, nominalTime].some((origin) => origin !== undefined);
}

function runStartedSql(relations: Relations, runs: readonly ProjectedRun[]): string | undefined {
  if (runs.length === 0) return undefined;
  const columns = {
    ...startColumns,
    ...(runs.some(hasOrigin) ? originColumns : {}),
    ...(runs.some(isFailed) ? failureColumns : {}),
  };
  return `INSERT INTO run (${Object.keys(columns).join(', ')})
    SELECT r.* FROM ${relations.rows('r', runs, columns)} WHERE ${isOwned('r.partition')}`;
}

function runChangedSql(
  relations: Relations,
  runs: readonly ProjectedRun[],
  columns: Columns<ProjectedRun>,
): string | undefined {
  if (runs.length === 0) return undefined;
  const failure = runs.some(isFailed) ? failureColumns : {};
  const rows = relations.rows('u', runs, { ...keyColumns, ...columns, ...failure });
  const changes = [
    ...Object.keys({ ...columns, ...failure }).map((name) => `${name} = u.${name}`),
    ...Object.keys(failureColumns).flatMap((name) => (name in failure ? [] : `${name} = NULL`)),
  ];
  return `UPDATE run SET ${changes.join(', ')}
    FROM ${rows} WHERE ${isOwned('u.partition')} AND run.id = u.id`;
}

function msOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}
