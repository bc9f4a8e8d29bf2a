import type { CompileResult } from '@parley/contracts';
import { loadProgram } from '@parley/engine';
import { unavailableIn, type Ir, type Template } from '@parley/ir';
import { AppError, isJsonObject, type ErrorDetail, type Json } from '@parley/kernel';
import { assertUsable, schemaCheck } from '../runs/json-schema.js';

/** Code of the diagnostic of a document that the definition refers to and nobody has read. */
const unresolvedCode = 'PL1070';
const unavailableCode = 'PL1060';

/**
 * Refuses what would be found only when a run is started: the person who approves is to hear of it.
 * @throws AppError `invalid-definition` with everything that is wrong, where, and what helps
 */
export function assertPublishable(compiled: CompileResult): Ir {
  const ir = compiled.ir as unknown as Ir | undefined;
  if (!compiled.valid || ir === undefined) throw notValid(compiled);
  const obstacles = [...unresolved(compiled), ...unavailable(ir)];
  if (obstacles.length > 0) throw invalid(obstacles);
  const loaded = loadProgram(ir, { schemas: schemaCheck });
  if (!loaded.ok) throw invalid(loaded.error);
  assertFormsUsable(ir);
  return ir;
}

function unresolved({ diagnostics }: CompileResult): ErrorDetail[] {
  return diagnostics.filter(({ code }) => code === unresolvedCode).map(detailOf);
}

/** A diagnostic as an error of publishing, with what helps where that is not the same as elsewhere. */
function detailOf({ code, pointer, message }: CompileResult['diagnostics'][number]): ErrorDetail {
  if (code !== unresolvedCode) return { code, pointer, message };
  const cure =
    'A published workflow pins every document: make this one readable at a public address, or name another.';
  return { code, pointer, message: `${message.replace(/\.$/, '')}. ${cure}` };
}

function unavailable(ir: Ir): ErrorDetail[] {
  return unavailableIn(ir).map(({ pointer, what }) => ({
    code: unavailableCode,
    pointer,
    message: `"${what}" is valid, but this version of Parley does not run it yet. Use another step in its place.`,
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

function notValid({ diagnostics }: CompileResult): AppError {
  return invalid(diagnostics.filter(({ severity }) => severity === 'error').map(detailOf));
}

function invalid(errors: readonly ErrorDetail[]): AppError {
  const message = errors[0]?.message ?? 'the definition does not compile';
  return new AppError('invalid-definition', message, { errors: [...errors] });
}
