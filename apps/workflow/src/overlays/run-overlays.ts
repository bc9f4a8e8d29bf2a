import { routes, type ApplyOverlay, type Catalogue, type RunOverlay } from '@parley/contracts';
import { lowerOverlay, sourceOf, type LoweredOverlay } from '@parley/dsl';
import { judgeOverlay, testsOf, type AppliedOverlay, type Rejection } from '@parley/engine';
import type { ExecutorName } from '@parley/ir';
import { AppError, assert, type JsonObject } from '@parley/kernel';
import type { Context, Services } from '@parley/nest-kit';
import type { Engine } from '../engine/engine.js';
import type { RunHead } from '../engine/run-heads.js';
import { passedOn } from '../replicas/passed-on.js';
import { overlayView } from '../runs/history-view.js';
import { assertPublishable } from '../workflows/publishable.js';
import { compileMsMax } from '../workflows/register-version.js';
import type { OverlayStore } from './overlay-store.pg.js';

export interface RunOverlaysOptions {
  readonly engine: Pick<Engine, 'apply' | 'head' | 'levels'>;
  readonly store: Pick<OverlayStore, 'keep' | 'written'>;
  readonly services: Pick<Services, 'call'>;
  readonly catalogue: (tenantId: string) => Promise<Catalogue>;
  /** Executors that are enabled. @default none */
  readonly executors?: readonly ExecutorName[];
}

/**
 * Changes what runs have not reached. Whoever asks for it has seen to it that it may be done; what is
 * made sure of here is what holds for every definition that is published.
 *
 * V1  What an overlay leads to is kept before the run takes it, and only if the run would take it then.
 *     So what is refused leaves nothing, however often it is asked for. What remains is a lost race: a run
 *     that moves on between the two leaves the definition of that one overlay, which nothing goes by.
 */
export class RunOverlays {
  private readonly options: RunOverlaysOptions;

  constructor(options: RunOverlaysOptions) {
    this.options = options;
  }

  /**
   * Materialises an overlay, compiles what comes out, and lets the run take it. The run moves on
   * meanwhile: whether it still can is for it to say, when it takes it.
   * @returns the overlay when it is durable; the same id again gives what was applied
   * @throws AppError `not-found`; `stale-revision` when it was made for something else than the run goes
   *   by; `invalid-input` when the operations do not fit the definition; `invalid-definition` when what
   *   comes out does not compile, or cannot be run; `illegal-transition` when the run does not take it;
   *   `unavailable` while a replica of an older release could get the run
   */
  async apply(runId: string, overlay: ApplyOverlay, caller: Context): Promise<RunOverlay> {
    const { engine, store } = this.options;
    const { tenantId, principal: by } = caller;
    const head = await engine.head(tenantId, runId);
    const { id, base, reason } = overlay;
    const known = appliedOf(head, id);
    if (known !== undefined) return overlayView(known);
    if (base !== head.ir.hash) throw staleRevision();
    const { definition, timezone } = await store.written(tenantId, runId, base);
    const lowered = lowerOverlay(definition, overlay.operations);
    if (!lowered.ok) {
      const { operation, message } = lowered.error;
      const errors = [{ pointer: `/operations/${operation}`, message }];
      throw new AppError('invalid-input', `The overlay does not fit: ${message}.`, { errors });
    }
    const ir = await this.compile(tenantId, lowered.value, timezone);
    await engine.levels.switchOn('overlaid');
    const { tasks, tested, operations } = lowered.value;
    const given = {
      overlay: id,
      base,
      revision: ir.hash,
      tasks,
      tests: testsOf(head.ir, tested),
      operations: operations as unknown as JsonObject[],
      by,
      ...(reason === undefined ? {} : { reason }),
    };
    // The head of now: compiling took its time.
    const now = await engine.head(tenantId, runId);
    const meanwhile = appliedOf(now, id);
    if (meanwhile !== undefined) return overlayView(meanwhile);
    const refused = judgeOverlay(now, given, ir);
    if (refused !== undefined) throw refusalOf(refused);
    await store.keep(tenantId, ir, lowered.value.definition); // V1
    const rejection = await engine.apply(
      runId,
      { kind: 'applyOverlay', ...given },
      { tenantId, ...passedOn() },
    );
    if (rejection !== undefined) throw refusalOf(rejection);
    const applied = appliedOf(await engine.head(tenantId, runId), id);
    assert(applied !== undefined, `${id} was applied`);
    return overlayView(applied);
  }

  private async compile(tenantId: string, { definition }: LoweredOverlay, timezone: string) {
    const { services, executors } = this.options;
    const catalogue = await this.options.catalogue(tenantId);
    const source = sourceOf(definition);
    const compiled = await services.call(routes.compileDefinition, {
      body: { source, timezone, catalogue, resolve: true, unresolved: 'error' },
      timeoutMs: compileMsMax,
    });
    return assertPublishable(compiled, executors);
  }
}

function appliedOf({ state }: RunHead, id: string): AppliedOverlay | undefined {
  return state.overlays?.find(({ overlay }) => overlay === id);
}

function staleRevision(): AppError {
  const message =
    'The run goes by another revision of its definition than the overlay was made for.';
  return new AppError('stale-revision', message);
}

function refusalOf({ reason, message }: Rejection): AppError {
  if (reason === 'other-revision') return new AppError('stale-revision', message);
  return new AppError(reason === 'unfit' ? 'invalid-input' : 'illegal-transition', message);
}
