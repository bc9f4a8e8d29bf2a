import { describe, expect, it } from '@jest/globals';
import { compileDefinition } from '@parley/dsl';
import { clinic, clinicPeople } from '../../test/businesses/clinic.js';
import { applyToolCall, emptyDraft, type ToolState } from './apply-tool-call.js';
import { candidates } from './candidates.js';
import { editTools } from './edit-tools.js';
import { summariseChange } from './summarise-change.js';

const request = 'Get the patient, ask the head vet, then order a blood test, otherwise add a note';
const found = candidates(clinic, request, 8);
const context = { candidates: found, people: clinicPeople };
const start: ToolState = {
  source: emptyDraft({ name: 'test', title: 'Test', summary: request }),
  questions: [],
};

function apply(
  state: ToolState,
  name: string,
  args: Record<string, string | boolean | number | string[]>,
): ToolState {
  const applied = applyToolCall(state, { name, arguments: args }, context);
  if (!applied.ok) throw new Error(applied.error);
  return applied.value;
}

describe('candidates', () => {
  it('has the operations of every clause and no more than asked for', () => {
    const keys = found.map(({ key }) => key);
    expect(keys).toEqual(
      expect.arrayContaining(['records/getPatient', 'lab/orderLabTest', 'records/addNote']),
    );
    expect(keys.length).toBeLessThanOrEqual(8);
  });
});

describe('edit tools', () => {
  it('name only candidates and people that there are', () => {
    const [addStep, addApproval] = editTools(found, clinicPeople);
    expect(JSON.stringify(addStep?.parameters)).toContain('"enum":["');
    expect(JSON.stringify(addApproval?.parameters)).toContain('role:head-vet');
  });

  it('build a draft that compiles, step by step', () => {
    let state = start;
    state = apply(state, 'setWorkflowInput', { name: 'patientId', type: 'string' });
    state = apply(state, 'addStep', { name: 'getPatient', operation: 'records/getPatient' });
    state = apply(state, 'setInput', {
      step: 'getPatient',
      input: 'patientId',
      expression: '$workflow.input.patientId',
    });
    state = apply(state, 'addApproval', {
      name: 'askVet',
      assignee: 'role:head-vet',
      title: 'Test needed?',
    });
    state = apply(state, 'addStep', { name: 'orderTest', operation: 'lab/orderLabTest' });
    state = apply(state, 'setInput', {
      step: 'orderTest',
      input: 'patientId',
      expression: '$workflow.input.patientId',
    });
    state = apply(state, 'setInput', { step: 'orderTest', input: 'panel', value: '"blood"' });
    state = apply(state, 'addStep', { name: 'addNote', operation: 'records/addNote' });
    state = apply(state, 'setInput', {
      step: 'addNote',
      input: 'patientId',
      expression: '$workflow.input.patientId',
    });
    state = apply(state, 'setInput', { step: 'addNote', input: 'text', value: 'No test' });
    state = apply(state, 'addDecision', {
      name: 'granted',
      condition: '$context.askVet.approved',
      steps: ['orderTest'],
      otherwise: ['addNote'],
    });
    state = apply(state, 'setRetry', { step: 'orderTest', attempts: 2 });
    state = apply(state, 'addWait', { name: 'wait', amount: 5, unit: 'minutes', before: 'askVet' });
    const compiled = compileDefinition(state.source, { catalogue: clinic });
    expect(compiled.diagnostics).toEqual([]);
    expect(compiled.sideEffects.map(({ operation, target }) => operation ?? target)).toHaveLength(
      4,
    );
    const renamed = apply(state, 'renameStep', { step: 'askVet', name: 'decideTest' });
    expect(renamed.source).toContain('$context.decideTest.approved');
    expect(compileDefinition(renamed.source, { catalogue: clinic }).valid).toBe(true);
    expect(summariseChange(start.source, state.source)).toEqual(
      expect.arrayContaining([expect.stringContaining('getPatient')]),
    );
  });

  it('refuse what does not exist, with words for the model', () => {
    const refused = (name: string, args: Record<string, string>) => {
      const applied = applyToolCall(start, { name, arguments: args }, context);
      return applied.ok ? '' : applied.error;
    };
    expect(refused('addStep', { name: 'x', operation: 'lab/inventedTest' })).toContain(
      'must be one of',
    );
    expect(refused('addApproval', { name: 'x', assignee: 'role:wizard', title: 't' })).toContain(
      'must be one of',
    );
    expect(refused('removeStep', { step: 'nothing' })).toContain('There is no step "nothing"');
    expect(refused('addStep', { operation: 'lab/orderLabTest' })).toContain('Missing: name');
    expect(refused('explode', {})).toContain('There is no tool');
  });

  it('ask with numbers of their own', () => {
    const once = apply(start, 'askUser', { question: 'Who?', blocking: true, options: ['a', 'b'] });
    const twice = apply(once, 'askUser', { question: 'When?', blocking: false });
    expect(twice.questions.map(({ number, blocking }) => [number, blocking])).toEqual([
      [1, true],
      [2, false],
    ]);
  });
});
