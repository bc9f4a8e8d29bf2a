import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { Approval, WorkflowVersion } from '@parley/contracts';
import { AppError, type Json } from '@parley/kernel';
import { fits, validatorOf } from './json-schema.js';

const faultsMax = 20;

/** Refuses input that does not fit the version's input schema. @throws AppError `invalid-input` */
export function checkInput(
  version: Pick<WorkflowVersion, 'irHash' | 'inputSchema'>,
  input: Json,
): void {
  const { irHash, inputSchema } = version;
  if (inputSchema === undefined) return;
  const validate = validatorOf(irHash, inputSchema);
  if (!fits(validate, input))
    throw misfit(validate, '/input', 'the input does not fit the workflow');
}

/** Refuses an approval without the data that its form asks for. @throws AppError `invalid-input` */
export function checkAnswer({ form }: Pick<Approval, 'form'>, data: Json | undefined): void {
  if (form === undefined) return;
  const validate = validatorOf(JSON.stringify(form), form);
  if (!fits(validate, data ?? {}))
    throw misfit(validate, '/data', 'the data does not fit the form');
}

function misfit(validate: ValidateFunction, root: string, what: string): AppError {
  const errors = (validate.errors ?? []).slice(0, faultsMax).map((fault) => ({
    pointer: `${root}${fault.instancePath}`,
    message: fault.message ?? 'is not allowed',
  }));
  const [first] = errors;
  const where = `${first?.pointer ?? ''} ${first?.message ?? ''}`.trim();
  return new AppError('invalid-input', `${what}: ${where}`, { errors });
}
