import type { QueryRun, RunAnswer } from '@parley/contracts';
import { queryRun, type QueryProblem } from '@parley/engine';
import { AppError } from '@parley/kernel';
import type { Engine } from '../engine/engine.js';
import { notOwnerError } from '../engine/flusher.js';
import type { RunReader } from './run-reader.pg.js';

/** Answers questions about what a run is right now. */
export class RunQueries {
  private readonly engine: Pick<Engine, 'head'>;
  private readonly reader: Pick<RunReader, 'run'>;

  constructor(engine: Pick<Engine, 'head'>, reader: Pick<RunReader, 'run'>) {
    this.engine = engine;
    this.reader = reader;
  }

  /**
   * The answer is not older than the question: a process that was overtaken without having heard of it
   * knows less than the journal, and does not answer.
   * @throws AppError `not-found`, `invalid` for an expression that cannot be evaluated, `unavailable`
   *     when another process has the run
   */
  async answer(tenantId: string, runId: string, { expression }: QueryRun): Promise<RunAnswer> {
    const known = await this.reader.run(tenantId, runId);
    const { state, position } = await this.engine.head(tenantId, runId);
    if (position < known.position) throw notOwnerError();
    const answer = queryRun(state, expression);
    if (!answer.ok) throw refusalOf(answer.error);
    return { values: [...answer.value], position };
  }
}

function refusalOf({ message, line, column }: QueryProblem): AppError {
  const at = line === undefined ? '' : `line ${line}, column ${column ?? 1}: `;
  const errors = [{ pointer: '/expression', message: `${at}${message}` }];
  return new AppError('invalid', `The expression cannot be evaluated: ${at}${message}.`, {
    errors,
  });
}
