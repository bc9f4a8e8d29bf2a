import type { CompileResult } from '@parley/contracts';
import { loadProgram } from '@parley/engine';
import {
  executorsNeeded,
  unavailableIn,
  type ExecutorName,
  type Ir,
  type Template,
} from '@parley/ir';
import { AppError, isJsonObject, type ErrorDetail, type Json } from '@parley/kernel';
import { assertUsable, schemaCheck } from '@parley/json-schema';

/** Code of the diagnostic of a document that the definition refers to and nobody has read. */
const unresolvedCode = 'PL1070';
const unavailableCode = 'PL1060';
/** Code of the diagnostic of a schedule that gives less than the input must have. */
const idleScheduleCode = 'PL1064';
const executorCode = 'PL1065';

/**
 * Refuses what would be found only when a run is started: the person who approves is to hear of it.
 * @param executors those that are enabled on this installation
 * @throws AppError `invalid-definition` with everything that is wrong, where, and what helps
 */
export function assertPublishable(
  compiled: CompileResult,
  executors: readonly ExecutorName[] = [],
): Ir {
  const ir = compiled.ir as unknown as Ir | undefined;
  if (!compiled.valid || ir === undefined) throw notValid(compiled);
  const obstacles = [
    ...unresolved(compiled),
    ...idleSchedule(compiled),
    ...unavailable(ir),
    ...notEnabled(ir, executors),
  ];
  if (obstacles.length > 0) throw invalid(obstacles);
  const loaded = loadProgram(ir, { schemas: schemaCheck });
  if (!loaded.ok) throw invalid(loaded.error);
  assertFormsUsable(ir);
  return ir;
}

function unresolved(compiled: CompileResult): ErrorDetail[] {
  const { diagnostics } = compiled;
  return diagnostics.filter(({ code }) => code === unresolvedCode).map(detailIn(compiled));
}

/** Its runs would be refused one after the other, and nobody would be there to see it. */
function idleSchedule({ diagnostics }: CompileResult): ErrorDetail[] {
  return diagnostics
    .filter(({ code }) => code === idleScheduleCode)
    .map(({ code, pointer, message }) => ({
      code,
      pointer,
      message: `${message}. Take these out of "required", or remove the schedule.`,
    }));
}

type Diagnosed = CompileResult['diagnostics'][number];

/** A diagnostic as an error of publishing: for a document that nobody has, with why and what helps. */
function detailIn({ missing = [] }: CompileResult): (diagnosed: Diagnosed) => ErrorDetail {
  return ({ code, pointer, message, actual }) => {
    if (code !== unresolvedCode) return { code, pointer, message };
    const reason = missing.find(({ uri }) => uri === actual)?.reason;
    const cure =
      'A published workflow pins every document: make this one readable at a public address, or name another.';
    const sentences = [`${message.replace(/\.$/, '')}.`, reason, cure];
    return { code, pointer, message: sentences.filter((one) => one !== undefined).join(' ') };
  };
}

function unavailable(ir: Ir): ErrorDetail[] {
  return unavailableIn(ir).map(({ pointer, what }) => ({
    code: unavailableCode,
    pointer,
    message: `"${what}" is valid, but this version of Parley does not run it yet. Use another step in its place.`,
  }));
}

function notEnabled(ir: Ir, executors: readonly ExecutorName[]): ErrorDetail[] {
  return executorsNeeded(ir)
    .filter(({ executor }) => !executors.includes(executor))
    .map(({ pointer, executor }) => ({
      code: executorCode,
      pointer,
      message: `"run: ${executor}" is not enabled on this installation. Whoever operates it can enable it with PARLEY_EXECUTORS=${executor}, if its tenants may run ${executor === 'shell' ? 'commands' : 'containers'} on its machine; or use another step.`,
    }));
}

function assertFormsUsable(ir: Ir): void {
  for (const node of Object.values(ir.nodes)) {
    if (node.kind !== 'call' || node.function !== 'human') continue;
    const form = formOf(node.with);
    if (form !== undefined) assertUsable(form, `${node.pointer}/with/form`);
  }
}

function formOf(asked: Template): Json | undefined {
  if (asked.kind === 'literal') return isJsonObject(asked.value) ? asked.value['form'] : undefined;
  const entries = asked.kind === 'object' ? asked.entries : [];
  const form = entries.find(([name]) => name === 'form')?.[1];
  return form?.kind === 'literal' ? form.value : undefined;
}

function notValid(compiled: CompileResult): AppError {
  const errors = compiled.diagnostics.filter(({ severity }) => severity === 'error');
  return invalid(errors.map(detailIn(compiled)));
}

function invalid(errors: readonly ErrorDetail[]): AppError {
  const message = errors[0]?.message ?? 'the definition does not compile';
  return new AppError('invalid-definition', message, { errors: [...errors] });
}
