import type { Diagnostic } from '@parley/contracts';
import { err, ok, type Json, type Result } from '@parley/kernel';
import { documentOrder, taskOrder, workflowOrder } from '../render/order.js';
import { renameTask } from '../rename/rename.js';
import { parseDefinition } from '../source/parse.js';
import { memberOf, textOf, toJson } from '../source/tree.js';
import type { Edit, RenameStep, SetDocument, SetInput, SetMember } from './edits.js';
import { diagnosticsOf, type Edited, type Readable, type Refusal } from './refusal.js';
import { removeMember, setMember } from './member-edits.js';
import {
  addStep,
  moveStep,
  patched,
  removeStepAt,
  replaceStep,
  stepAt,
  wrapSteps,
} from './step-edits.js';
import { functionName } from '../language/index.js';

/** Edits of one call. */
export const editsMax = 500;

/**
 * Applies edits to the text of a definition, one after the other; see `Edit` for what is kept. The
 * diagnostics of a refusal say which edit and why; the text is then as it was.
 */
export function applyEdits(source: string, edits: readonly Edit[]): Result<string, Diagnostic[]> {
  let parsed = readable(source);
  if (parsed === undefined) return err(parseDefinition(source).reporter.diagnostics());
  if (edits.length > editsMax) {
    return refused(parsed, {
      code: 'PL1083',
      message: `At most ${editsMax} edits are applied at once`,
    });
  }
  for (const edit of edits) {
    const edited = applyEdit(parsed, edit);
    if (!edited.ok) return refused(parsed, edited.error);
    const next = readable(edited.value);
    if (next === undefined) {
      return refused(parsed, {
        code: 'PL1083',
        message: `"${edit.kind}" does not fit the way the text is written`,
      });
    }
    parsed = next;
  }
  return ok(parsed.source);
}

function readable(source: string): Readable | undefined {
  const parsed = parseDefinition(source);
  return parsed.root === undefined ? undefined : (parsed as Readable);
}

function refused(parsed: Readable, refusal: Refusal): Result<string, Diagnostic[]> {
  return err(diagnosticsOf(parsed.source, refusal));
}

function applyEdit(parsed: Readable, edit: Edit): Edited {
  switch (edit.kind) {
    case 'addStep':
      return addStep(parsed, edit);
    case 'removeStep':
      return removeStepAt(parsed, edit);
    case 'replaceStep':
      return replaceStep(parsed, edit, readable);
    case 'moveStep':
      return moveStep(parsed, edit, readable);
    case 'renameStep':
      return renamed(parsed, edit);
    case 'wrapSteps':
      return wrapSteps(parsed, edit);
    case 'setInput':
      return setInput(parsed, edit);
    case 'setCondition':
      return setInStep(parsed, {
        kind: 'setMember',
        step: edit.step,
        path: ['if'],
        value: edit.if ?? undefined,
      });
    case 'setMember':
      return setInStep(parsed, edit);
    case 'setSchedule':
      return setIn(parsed, parsed.root, {
        path: ['schedule'],
        value: edit.schedule ?? undefined,
        order: workflowOrder,
      });
    case 'setInputSchema':
      return edit.schema === null
        ? removeInputSchema(parsed)
        : setIn(parsed, parsed.root, {
            path: ['input', 'schema', 'document'],
            value: edit.schema,
            order: workflowOrder,
          });
    case 'setDocument':
      return setDocument(parsed, edit);
  }
}

function renamed(parsed: Readable, edit: RenameStep): Edited {
  const found = stepAt(parsed, edit.step);
  return found.ok ? renameTask(parsed, found.value, edit.name) : found;
}

function setInput(parsed: Readable, edit: SetInput): Edited {
  const found = stepAt(parsed, edit.step);
  if (!found.ok) return found;
  const task = found.value.entry.value;
  const { step, value, input } = edit;
  if (memberOf(task, 'set') !== undefined) {
    return setInStep(parsed, { kind: 'setMember', step, path: ['set', input], value });
  }
  const called = textOf(memberOf(task, 'call'));
  if (called === undefined) {
    return err({
      code: 'PL1083',
      message: `The step "${step}" is no call and has no inputs`,
      at: task,
    });
  }
  const path = functionName(called) === 'connector' ? ['with', 'input', input] : ['with', input];
  return setInStep(parsed, { kind: 'setMember', step, path, value });
}

function setInStep(parsed: Readable, edit: SetMember): Edited {
  const found = stepAt(parsed, edit.step);
  if (!found.ok) return found;
  const task = found.value.entry.value;
  if (edit.path.length === 0)
    return err({ code: 'PL1083', message: 'The path names no member', at: task });
  return setIn(parsed, task, {
    path: edit.path,
    value: edit.value,
    order: taskOrder(toJson(task)),
  });
}

interface Change {
  readonly path: readonly string[];
  /** Undefined removes. */
  readonly value: Json | undefined;
  /** Where a new member goes among the others. */
  readonly order: readonly string[];
}

/** Sets or removes the member at the end of a path; objects on the way are made. */
function setIn(parsed: Readable, from: Readable['root'], change: Change): Edited {
  const { value, order } = change;
  const [key = '', ...rest] = change.path;
  const inner = memberOf(from, key);
  if (from.kind !== 'map') {
    return err({
      code: 'PL1083',
      message: `"${key}" cannot be set in what is not an object`,
      at: from,
    });
  }
  if (rest.length > 0 && inner?.kind === 'map')
    return setIn(parsed, inner, { path: rest, value, order: [] });
  if (value === undefined) {
    const patch = rest.length > 0 ? undefined : removeMember(parsed, from, key);
    return patched(parsed, patch === undefined ? [] : [patch]);
  }
  return patched(parsed, [setMember(parsed, from, { key, value: nested(rest, value) }, order)]);
}

function nested(path: readonly string[], value: Json): Json {
  return path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
}

/** Without its schema an input that says nothing else goes too. */
function removeInputSchema(parsed: Readable): Edited {
  const input = memberOf(parsed.root, 'input');
  const only = input?.kind === 'map' && input.entries.every((entry) => entry.key === 'schema');
  return setIn(parsed, parsed.root, {
    path: only ? ['input'] : ['input', 'schema'],
    value: undefined,
    order: workflowOrder,
  });
}

function setDocument(parsed: Readable, edit: SetDocument): Edited {
  let current = parsed;
  const { kind: _, timezone, ...members } = edit;
  const changes: [string[], string | null | undefined][] = Object.entries(members).map(
    ([key, value]) => [[key], value],
  );
  changes.push([['metadata', 'timezone'], timezone]);
  for (const [path, value] of changes) {
    const document = memberOf(current.root, 'document');
    if (document?.kind !== 'map')
      return err({ code: 'PL1083', message: 'The definition has no "document"' });
    if (value === undefined) continue;
    const edited = setIn(current, document, {
      path,
      value: value ?? undefined,
      order: documentOrder,
    });
    const next = edited.ok ? readable(edited.value) : undefined;
    if (next === undefined) return edited;
    current = next;
  }
  return ok(current.source);
}
