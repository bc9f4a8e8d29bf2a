import type { Approval, WorkflowVersion } from '@parley/contracts';
import { AppError, type Json } from '@parley/kernel';
import { faultsInWords, schemaOf, type SchemaFault } from '@parley/json-schema';

/** Refuses input that does not fit the version's input schema. @throws AppError `invalid-input` */
export function checkInput(
  version: Pick<WorkflowVersion, 'irHash' | 'inputSchema'>,
  input: Json,
): void {
  const { irHash, inputSchema } = version;
  if (inputSchema === undefined) return;
  const faults = schemaOf(irHash, inputSchema).faultsOf(input);
  if (faults.length > 0) throw misfit(faults, '/input', 'the input does not fit the workflow');
}

/** Refuses an approval without the data that its form asks for. @throws AppError `invalid-input` */
export function checkAnswer({ form }: Pick<Approval, 'form'>, data: Json | undefined): void {
  if (form === undefined) return;
  const faults = schemaOf(JSON.stringify(form), form).faultsOf(data ?? {});
  if (faults.length > 0) throw misfit(faults, '/data', 'the data does not fit the form');
}

function misfit(faults: readonly SchemaFault[], root: string, what: string): AppError {
  const errors = faults.map(({ pointer, message }) => ({ pointer: root + pointer, message }));
  return new AppError('invalid-input', `${what}: ${faultsInWords(errors)}`, { errors });
}
