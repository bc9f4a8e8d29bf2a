import type { IrRunNode } from '@parley/ir';
import { err, isJsonObject, ok, type Json, type Result } from '@parley/kernel';
import { runError, type RunError } from './errors.js';

/** What a process left behind when it ended by itself. */
export interface ProcessResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const complaintLengthMax = 1_000;

/**
 * The output of a `run` task. Whoever asks for the exit code, or for what went wrong, gets it as
 * data; to everybody else an exit code other than 0 is an error.
 */
export function outputOfProcess(node: IrRunNode, answer: Json): Result<Json, RunError> {
  const result = isJsonObject(answer) ? answer : {};
  const { code = 0, stdout = '', stderr = '' } = result;
  switch (node.return) {
    case 'all':
      return ok({ code, stdout, stderr });
    case 'code':
      return ok(code);
    case 'stderr':
      return ok(stderr);
    case 'stdout':
    case 'none': {
      if (code !== 0) return err(badEnd(node, code, typeof stderr === 'string' ? stderr : ''));
      return ok(node.return === 'none' ? null : stdout);
    }
  }
}

function badEnd({ process }: IrRunNode, code: Json, stderr: string): RunError {
  const complaint = stderr.trim().slice(-complaintLengthMax);
  return runError('runtime', `The ${process} ended with exit code ${JSON.stringify(code)}`, {
    detail: complaint === '' ? 'It wrote nothing to its standard error.' : complaint,
  });
}
