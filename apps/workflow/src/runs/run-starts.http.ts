import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import {
  errorRow,
  routes,
  type BatchStarted,
  type Run,
  type RunResult,
  type RunResultQuery,
  StartBatchAsSent,
  StartItem,
  type StartResult,
  type UpdateRun,
} from '@parley/contracts';
import { AppError, assert, err, isAppError, ok, type Json, type Result } from '@parley/kernel';
import { Caller, demandFits, Endpoint, type Context } from '@parley/nest-kit';
import { Engine } from '../engine/engine.js';
import type { StartedOfBatch } from '../engine/start-batch.js';
import { WorkflowStore } from '../workflows/workflow-store.pg.js';
import { RunCommands } from './run-commands.js';
import { SharedBatch } from '../replicas/shared-batch.js';
import { checkInput } from './run-input.js';
import { labelsGiven, startFingerprint } from './run-labels.js';
import { RunResults } from './run-results.js';
import { requestOf } from './single-starts.js';

/** Many runs at once, what they can be found by, and what came out of them. */
@Controller()
export class RunStartsHttp {
  constructor(
    @Inject(Engine) private readonly engine: Engine,
    @Inject(WorkflowStore) private readonly workflows: WorkflowStore,
    @Inject(RunCommands) private readonly commands: RunCommands,
    @Inject(RunResults) private readonly results: RunResults,
    @Inject(SharedBatch) private readonly shared: SharedBatch,
  ) {}

  @Endpoint(routes.startBatch)
  async startBatch(
    @Param('workflow') workflowId: string,
    @Body({ schema: StartBatchAsSent }) batch: StartBatchAsSent,
    @Caller() caller: Context,
  ): Promise<BatchStarted> {
    const { tenantId } = caller;
    const { version: wanted } = batch;
    const version = await this.workflows.startable(tenantId, workflowId, wanted ?? 'live');
    const startOf = (item: StartItem) => {
      const { key } = item;
      return {
        ...requestOf(caller, version, item.input ?? {}),
        ...labelsGiven(item),
        ...(key === undefined
          ? {}
          : { key: { key, fingerprint: startFingerprint(workflowId, wanted, item) } }),
      };
    };
    const admit = (input: Json) => checkInput(version, input);
    const startHere = async (given: readonly StartItem[]) => {
      const items = given.map((item) => {
        const { key, priority } = item;
        return { key, priority, request: () => startOf(item) };
      });
      const { irHash } = version;
      return (await this.engine.startRuns({ tenantId, irHash, items, admit })).map(resultOf);
    };
    const read = await this.read(batch.items, tenantId);
    const items = read.flatMap((item) => (item.ok ? item.value : []));
    const wellFormed = { ...batch, items };
    const answers =
      items.length === 0
        ? []
        : await this.shared.start({ workflowId, batch: wellFormed, caller, startHere });
    const answered = answers.values();
    const results = read.map((item) => (item.ok ? answerOf(answered) : resultOf(item)));
    const count = (outcome: StartResult['outcome']) =>
      results.filter((result) => result.outcome === outcome).length;
    return {
      items: results,
      started: count('started'),
      repeated: count('repeated'),
      refused: count('refused'),
    };
  }

  private async read(items: readonly unknown[], tenantId: string) {
    const read: Result<StartItem, AppError>[] = [];
    for (const [at, item] of items.entries()) {
      if (at % pieceMax === 0) await this.engine.breathe(tenantId);
      read.push(itemOf(item, at));
    }
    return read;
  }

  @Endpoint(routes.getResult)
  result(
    @Param('run') runId: string,
    @Query() { waitSeconds }: RunResultQuery,
    @Caller() { tenantId }: Context,
  ): Promise<RunResult> {
    return this.results.of(tenantId, runId, waitSeconds * 1_000);
  }

  @Endpoint(routes.updateRun)
  update(
    @Param('run') runId: string,
    @Body() change: UpdateRun,
    @Caller() caller: Context,
  ): Promise<Run> {
    return this.commands.give(caller, runId, { kind: 'label', by: caller.principal, ...change });
  }
}

/** Items that are looked at before everybody else has their turn. */
const pieceMax = 50;

/** An item that is not one is refused by itself; where its faults are is said as of the whole body. */
function itemOf(item: unknown, at: number): Result<StartItem, AppError> {
  try {
    return ok(demandFits(StartItem, item));
  } catch (error) {
    if (!isAppError(error)) throw error;
    const errors = error.errors.map(({ pointer = '', ...fault }) => {
      return { ...fault, pointer: `/items/${String(at)}${pointer}` };
    });
    return err(new AppError(error.code, error.message, { errors }));
  }
}

function answerOf(answers: Iterator<StartResult>): StartResult {
  const { value } = answers.next() as { readonly value?: StartResult };
  assert(value !== undefined, 'every item has an answer');
  return value;
}

function resultOf(result: Result<StartedOfBatch, AppError>): StartResult {
  if (result.ok) {
    const { runId, repeated, status } = result.value;
    if (repeated || status === undefined) return { outcome: 'repeated', runId };
    return { outcome: 'started', runId, status };
  }
  const { code, message: detail, errors } = result.error;
  const { http, title, retryable } = errorRow(code);
  const problem = { code, title, status: http, detail, retryable };
  return {
    outcome: 'refused',
    problem: errors === undefined ? problem : { ...problem, errors: [...errors] },
  };
}
