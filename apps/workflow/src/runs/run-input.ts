import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { WorkflowVersion } from '@parley/contracts';
import { AppError, type Json } from '@parley/kernel';

const validatorsMax = 500;
const faultsMax = 20;
const validators = new Map<string, ValidateFunction>();

/** Refuses input that does not fit the version's input schema. @throws AppError `invalid-input` */
export function checkInput(
  version: Pick<WorkflowVersion, 'irHash' | 'inputSchema'>,
  input: Json,
): void {
  if (version.inputSchema === undefined) return;
  const validate = validatorOf(version.irHash, version.inputSchema);
  if (validate(input)) return;
  const errors = (validate.errors ?? []).slice(0, faultsMax).map((fault) => ({
    pointer: `/input${fault.instancePath}`,
    message: fault.message ?? 'is not allowed',
  }));
  const [first] = errors;
  throw new AppError(
    'invalid-input',
    `the input does not fit the workflow: ${first?.pointer ?? ''} ${first?.message ?? ''}`.trim(),
    { errors },
  );
}

function validatorOf(irHash: string, schema: Json): ValidateFunction {
  const known = validators.get(irHash);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema as object | boolean);
  const [oldest] = validators.keys();
  if (validators.size >= validatorsMax && oldest !== undefined) validators.delete(oldest);
  validators.set(irHash, validate);
  return validate;
}
