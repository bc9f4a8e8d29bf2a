import type { Catalogue, ProposedDraft } from '@parley/contracts';
import { sampleOf } from '@parley/connectors';
import { compileDefinition, findStep, parseDefinition, stepPaths, toJson } from '@parley/dsl';
import { dryRun, MockFailure, runError } from '@parley/engine';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { planTurn } from '../src/index.js';
import { clinic, clinicPeople } from './businesses/clinic.js';
import { library, libraryPeople } from './businesses/library.js';
import { rentalPeople, rentalShop } from './businesses/rental.js';
import type { Expected, Scenario, Trial } from './requests/scenario.js';

export interface Verdict {
  readonly scenario: Scenario;
  readonly right: boolean;
  /** What was wrong, in words. */
  readonly faults: readonly string[];
  readonly invented: number;
  readonly disturbed: readonly string[];
}

interface Made {
  readonly name: string;
  readonly input: JsonObject;
}

const businesses = {
  clinic: { catalogue: clinic, directory: clinicPeople },
  rental: { catalogue: rentalShop, directory: rentalPeople },
  library: { catalogue: library, directory: libraryPeople },
};

export function judge(scenario: Scenario): Verdict {
  const { catalogue, directory } = businesses[scenario.business];
  const history: { role: 'user' | 'assistant'; text: string }[] = [];
  let draft: ProposedDraft | undefined;
  let before: ProposedDraft | undefined;
  for (const text of scenario.turns) {
    before = draft;
    const reply = planTurn(
      { text, history, ...(draft === undefined ? {} : { draft }) },
      { catalogue, directory, timezone: 'Europe/Zurich' },
    );
    draft = reply.draft ?? draft;
    history.push({ role: 'user', text }, { role: 'assistant', text: reply.reply });
  }
  if (draft === undefined)
    return { scenario, right: false, faults: ['no draft'], invented: 0, disturbed: [] };
  const faults = [
    ...compileFaults(draft, catalogue),
    ...askFaults(scenario, draft),
    ...scheduleFaults(scenario, draft),
    ...(scenario.trials ?? []).flatMap((trial, at) =>
      trialFaults(trial, { draft, catalogue }).map((fault) => `run ${at + 1}: ${fault}`),
    ),
  ];
  const disturbed =
    scenario.touches === undefined || before === undefined
      ? []
      : disturbedSteps(before.source, draft.source, scenario.touches);
  const all =
    disturbed.length === 0 ? faults : [...faults, `changed besides: ${disturbed.join(', ')}`];
  return {
    scenario,
    right: all.length === 0,
    faults: all,
    invented: inventedIn(draft, catalogue),
    disturbed,
  };
}

function compileFaults(draft: ProposedDraft, catalogue: Catalogue): string[] {
  return compileDefinition(draft.source, { catalogue })
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ message, pointer }) => `${message} at ${pointer}`);
}

function askFaults(scenario: Scenario, draft: ProposedDraft): string[] {
  const open = draft.questions.filter(({ answer, blocking }) => answer === undefined && blocking);
  const { mustAsk } = scenario;
  if (mustAsk === undefined) return open.map(({ text }) => `asked without need: ${text}`);
  const asked = open.some(
    ({ text, task }) => mustAsk.about.test(text) || mustAsk.about.test(task ?? ''),
  );
  const used = (mustAsk.without ?? []).filter((operation) =>
    draft.source.includes(`operation: ${operation}\n`),
  );
  return [
    ...(asked ? [] : [`did not ask about ${mustAsk.about.source}`]),
    ...used.map((operation) => `used ${operation} all the same`),
  ];
}

function scheduleFaults(scenario: Scenario, draft: ProposedDraft): string[] {
  if (scenario.schedule === undefined) return [];
  const definition = jsonOf(draft.source);
  const schedule = definition['schedule'];
  return JSON.stringify(schedule) === JSON.stringify(scenario.schedule)
    ? []
    : [`schedule is ${JSON.stringify(schedule)}`];
}

function jsonOf(source: string): JsonObject {
  const { root } = parseDefinition(source);
  const json = root === undefined ? {} : toJson(root);
  return isJsonObject(json) ? json : {};
}

// Runs

function trialFaults(
  trial: Trial,
  { draft, catalogue }: { draft: ProposedDraft; catalogue: Catalogue },
): string[] {
  const { ir, inputSchema } = compileDefinition(draft.source, { catalogue });
  if (ir === undefined) return ['does not compile'];
  const made: Made[] = [];
  const run = dryRun(ir, {
    input: inputFor(trial, inputSchema),
    handlers: {
      connector: (args) => answer(trial, catalogue, args, made),
      human: ({ assignee: asked }) => {
        const assignee = isJsonObject(asked) ? asked : {};
        const [kind = '', who = ''] = Object.entries(assignee)[0] ?? [];
        made.push({ name: `ask:${kind}:${textOf(who)}`, input: {} });
        return { decision: trial.decision ?? 'approved' };
      },
    },
  });
  if (!run.ok) return [`does not load: ${JSON.stringify(run.error)}`];
  const failing = Object.values(trial.world ?? {}).includes('fail');
  const failed =
    run.value.status !== 'completed' && !failing
      ? [`ended ${run.value.status}: ${JSON.stringify(run.value.error)}`]
      : [];
  return [...failed, ...compare(trial, made)];
}

function inputFor(trial: Trial, schema: Json | undefined): JsonObject {
  const sample = schema === undefined ? {} : sampleOf(schema);
  return { ...(isJsonObject(sample) ? sample : {}), ...trial.input };
}

function answer(trial: Trial, catalogue: Catalogue, args: Json, made: Made[]): Json | MockFailure {
  const given = isJsonObject(args) ? args : {};
  const id = textOf(given['operation']);
  made.push({ name: id, input: isJsonObject(given['input']) ? given['input'] : {} });
  const scripted = trial.world?.[id];
  if (scripted === 'fail')
    return new MockFailure(runError('communication', 'scripted', { status: 503 }), 'ambiguous');
  if (scripted !== undefined) return scripted;
  const operation = catalogue.connectors
    .flatMap(({ operations }) => operations)
    .find((one) => one.id === id);
  return operation?.response?.schema === undefined ? {} : sampleOf(operation.response.schema);
}

function compare(trial: Trial, made: readonly Made[]): string[] {
  const counted = made.filter(({ name }) => trial.mayAlso?.includes(name) !== true);
  const names = counted.map(({ name }) => name);
  const wanted = trial.calls.map(nameOf);
  const same =
    trial.anyOrder === true
      ? JSON.stringify([...names].sort()) === JSON.stringify([...wanted].sort())
      : JSON.stringify(names) === JSON.stringify(wanted);
  if (!same) return [`called ${names.join(', ') || 'nothing'} instead of ${wanted.join(', ')}`];
  return trial.calls.flatMap((call, at) =>
    inputFaults(
      call,
      trial.anyOrder === true ? counted.find(({ name }) => name === nameOf(call)) : counted[at],
    ),
  );
}

function nameOf(call: Expected): string {
  return typeof call === 'string' ? call : call[0];
}

function inputFaults(call: Expected, made: Made | undefined): string[] {
  if (typeof call === 'string' || made === undefined) return [];
  return Object.entries(call[1])
    .filter(([name, value]) => JSON.stringify(made.input[name]) !== JSON.stringify(value))
    .map(
      ([name, value]) =>
        `${made.name}.${name} was ${JSON.stringify(made.input[name])}, not ${JSON.stringify(value)}`,
    );
}

// What must not happen

/** Operations, roles and members in a draft that nobody has. */
function inventedIn(draft: ProposedDraft, catalogue: Catalogue): number {
  const { root } = parseDefinition(draft.source);
  if (root === undefined) return 0;
  const known = new Set(
    catalogue.connectors.flatMap(({ name, operations }) =>
      operations.map(({ id }) => `${name}/${id}`),
    ),
  );
  const people = JSON.stringify([clinicPeople, rentalPeople, libraryPeople]);
  return stepPaths(root).filter((path) => {
    const found = findStep(root, path);
    const task = found === undefined ? {} : toJson(found.entry.value);
    const given = isJsonObject(task) && isJsonObject(task['with']) ? task['with'] : undefined;
    if (given === undefined) return false;
    if (given['operation'] !== undefined)
      return !known.has(`${textOf(given['connector'])}/${textOf(given['operation'])}`);
    const assignee = isJsonObject(given['assignee'])
      ? Object.values(given['assignee'])[0]
      : undefined;
    return !people.includes(JSON.stringify(assignee));
  }).length;
}

/** Steps that an edit was not about and whose text is not what it was. */
function disturbedSteps(before: string, after: string, touches: readonly string[]): string[] {
  const old = textsOf(before);
  const now = textsOf(after);
  return [...old]
    .filter(
      ([name, { text, about }]) =>
        !touches.some((touched) => about.includes(touched)) && now.get(name)?.text !== text,
    )
    .map(([name]) => name);
}

function textsOf(source: string): Map<string, { text: string; about: string }> {
  const { root } = parseDefinition(source);
  const texts = new Map<string, { text: string; about: string }>();
  if (root === undefined) return texts;
  for (const path of stepPaths(root)) {
    const found = findStep(root, path);
    if (found === undefined) continue;
    const task = toJson(found.entry.value);
    const holds =
      isJsonObject(task) && ['do', 'try', 'fork', 'switch'].some((key) => task[key] !== undefined);
    if (holds) continue;
    const text = source.slice(found.item.span.start, found.item.span.end);
    texts.set(found.entry.key, { text, about: aboutOf(text) });
  }
  return texts;
}

function aboutOf(text: string): string {
  const operation = /operation: (\S+)/.exec(text)?.[1] ?? '';
  const who = /(?:role|member): (\S+)/.exec(text)?.[1];
  return [
    operation,
    ...(who === undefined ? [] : [`ask:${who}`]),
    ...(/\bwait:/.test(text) ? ['wait'] : []),
  ].join(' ');
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
