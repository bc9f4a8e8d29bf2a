import type { Run } from '@parley/contracts';
import type { Rejection, StimulusBody } from '@parley/engine';
import { AppError } from '@parley/kernel';
import type { Context } from '@parley/nest-kit';
import type { Engine } from '../engine/engine.js';
import { passedOn } from '../replicas/passed-on.js';
import type { RunReader } from './run-reader.pg.js';

/** Tells a run what somebody wants of it, and says what became of it. */
export class RunCommands {
  private readonly engine: Pick<Engine, 'apply'>;
  private readonly reader: Pick<RunReader, 'run'>;

  constructor(engine: Pick<Engine, 'apply'>, reader: Pick<RunReader, 'run'>) {
    this.engine = engine;
    this.reader = reader;
  }

  /**
   * @returns the run after the command is durable
   * @throws AppError `illegal-transition` when the run does not take it, `invalid-input` when what
   *     was given does not fit the definition
   */
  async give({ tenantId }: Context, runId: string, command: StimulusBody): Promise<Run> {
    const rejection = await this.engine.apply(runId, command, { tenantId, ...passedOn() });
    if (rejection !== undefined) throw refusalOf(rejection);
    return this.reader.run(tenantId, runId);
  }
}

function refusalOf({ reason, message }: Rejection): AppError {
  return new AppError(reason === 'unfit' ? 'invalid-input' : 'illegal-transition', message);
}
