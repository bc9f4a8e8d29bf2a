import type { Json, JsonObject } from '@parley/kernel';
import {
  advance,
  defaultLimits,
  errorTypes,
  evolve,
  initialState,
  isStalled,
  loadProgram,
  pendingEffects,
  revisionOf,
  stateOf,
  timeline,
  waitsOf,
  type EngineLimits,
  type Entry,
  type ErrorTypeName,
  type LabelChange,
  type LoadedIr,
  type RunState,
  type Stimulus,
  type StimulusBody,
} from '../../src/index.js';
import {
  buildIr,
  describeEffect,
  describeEntry,
  overlayBetween,
  type Tasks,
} from '../../src/testing/index.js';

/** One command of a scenario file and what it printed. */
export interface Block {
  /** Comments and blank lines before the command. */
  readonly preamble: string;
  readonly command: string;
  readonly output: string;
}

/** Commands end at `----`; their output ends at a blank line. */
export function parseScenario(text: string): Block[] {
  const blocks: Block[] = [];
  const pattern = /((?:(?:#.*)?\n)*)([^]+?)\n----\n((?:.+\n)*)/gy;
  for (const match of text.matchAll(pattern)) {
    blocks.push({ preamble: match[1] ?? '', command: match[2] ?? '', output: match[3] ?? '' });
  }
  return blocks;
}

export function formatScenario(blocks: readonly Block[]): string {
  return blocks
    .map(({ preamble, command, output }) => `${preamble}${command}\n----\n${output}`)
    .join('');
}

/** Runs the commands of one scenario against one run and prints what the machine does. */
export class ScenarioRunner {
  private program: LoadedIr | undefined;
  /** What it was started with, and what overlays led it to. */
  private revisions: LoadedIr[] = [];
  private state: RunState = initialState();
  private readonly entries: Entry[] = [];
  private limits: EngineLimits = defaultLimits;
  private now = 0;

  run(command: string): string {
    const [name = ''] = command.split(/\s/, 1);
    const rest = command.slice(name.length).trim();
    const lines = this.execute(name, rest);
    return lines.map((line) => `${line}\n`).join('');
  }

  private execute(name: string, rest: string): string[] {
    switch (name) {
      case 'workflow':
        return this.load(rest);
      case 'limits':
        this.limits = { ...this.limits, ...(JSON.parse(rest) as Partial<EngineLimits>) };
        return ['ok'];
      case 'tick':
        this.now += Number(rest);
        return [`now ${this.now}`];
      case 'overlay':
        return this.overlay(rest);
      case 'recover':
        return this.recover();
      case 'timeline':
        return timeline(this.entries).map((step) =>
          [
            step.status.padEnd(9),
            step.id,
            `attempts=${step.attempts.length}`,
            ...(step.error === undefined ? [] : [step.error.title ?? step.error.type]),
            ...(step.output === undefined ? [] : [JSON.stringify(step.output)]),
          ].join(' '),
        );
      case 'waits':
        return waitsOf(this.state).map(
          ({ kind, occurrence, since, until }) => `${kind} ${occurrence} ${since}..${until ?? ''}`,
        );
      default:
        return this.advance(stimulusOf(name, rest));
    }
  }

  private load(rest: string): string[] {
    const loaded = loadProgram(buildIr(JSON.parse(rest) as Tasks));
    if (!loaded.ok) return loaded.error.map(({ pointer, message }) => `${pointer}: ${message}`);
    this.program = loaded.value;
    this.revisions = [loaded.value];
    this.state = initialState();
    this.entries.length = 0;
    return [`${loaded.value.nodes.size} tasks`];
  }

  /** `overlay ID MEMBER [first] [moved=TASK] TASKS`: made for the revision in force, or the first one */
  private overlay(rest: string): string[] {
    const [, id = '', by = '', first = '', moved, tasks = ''] =
      /^(\S+)\s+(\S+)\s+(first\s+)?(?:moved=(\S+)\s+)?([^]*)$/.exec(rest) ?? [];
    const base = first === '' ? this.program : this.revisions[0];
    const loaded = loadProgram(buildIr(JSON.parse(tasks) as Tasks));
    if (base === undefined || !loaded.ok) throw new Error('the overlay leads to nothing');
    this.revisions.push(loaded.value);
    const made = { id, by, ...(moved === undefined ? {} : { moved: [moved] }) };
    return this.advance({
      ...overlayBetween(base.ir, loaded.value.ir, made),
      program: loaded.value,
    });
  }

  private advance(stimulus: Stimulus): string[] {
    if (this.program === undefined) throw new Error('the scenario has no workflow yet');
    const program = { ...this.program, limits: this.limits };
    const turn = advance(program, this.state, stimulus, this.now);
    this.program = turn.program ?? this.program;
    this.state = turn.state;
    this.entries.push(...turn.entries);
    return [
      ...(turn.rejection === undefined
        ? []
        : [`rejected ${turn.rejection.reason}: ${turn.rejection.message}`]),
      ...turn.entries.map(describeEntry),
      ...turn.effects.map((effect) => `=> ${describeEffect(effect)}`),
      `[${stateOf(this.state)}${isStalled(this.state) ? ' STALLED' : ''}]`,
    ];
  }

  private recover(): string[] {
    const folded = this.entries.reduce(evolve, initialState());
    const same = JSON.stringify(folded) === JSON.stringify(this.state);
    this.state = folded;
    const revision = revisionOf(folded);
    this.program = this.revisions.find(({ ir }) => ir.hash === revision) ?? this.revisions[0];
    const { effects, stimuli } = pendingEffects(folded);
    return [
      `${this.entries.length} entries folded, ${same ? 'equal to' : 'DIFFERENT FROM'} the live state`,
      ...effects.map((effect) => `=> ${describeEffect(effect)}`),
      ...stimuli.map((stimulus) => `<= ${JSON.stringify(stimulus)}`),
    ];
  }
}

function stimulusOf(name: string, rest: string): StimulusBody {
  const [occurrence = '', second = ''] = rest.split(/\s+/);
  const tail = rest.slice(occurrence.length).trim();
  const attempt = Number(/(?<=^|\s)attempt=(\d+)/.exec(tail)?.[1] ?? 1);
  const body = tail.replace(/(?:^|\s)attempt=\d+/, '').trim();
  switch (name) {
    case 'start':
      return { kind: 'start', run: 'run_1', input: json(rest) };
    case 'complete':
      return { kind: 'completed', occurrence, attempt, output: json(body) };
    case 'fail':
      return failed(occurrence, attempt, body);
    case 'unknown':
      return { kind: 'unknownOutcome', occurrence, attempt };
    case 'fire': {
      const run = occurrence === '(run)' ? '' : occurrence;
      return { kind: 'timerFired', occurrence: run, generation: Number(second) };
    }
    case 'approve':
      return { kind: 'decided', occurrence, decision: 'approved', by: second };
    case 'reject':
      return { kind: 'decided', occurrence, decision: 'rejected', by: second };
    case 'cancel':
      return { kind: 'cancel', by: occurrence, ...(body === '' ? {} : { reason: body }) };
    case 'undo':
      return { kind: 'cancel', by: occurrence, compensate: true };
    case 'retry':
      return { kind: 'retryStep', by: occurrence, ...(body === '' ? {} : { input: json(body) }) };
    case 'terminate':
      return { kind: 'terminate', by: occurrence, ...(body === '' ? {} : { reason: body }) };
    case 'suspend':
      return { kind: 'suspend', by: occurrence, ...(body === '' ? {} : { reason: body }) };
    case 'resume':
      return { kind: 'resume', by: occurrence };
    case 'skip':
      return skipped(rest);
    case 'label':
      return { kind: 'label', by: occurrence, ...(json(tail) as LabelChange) };
    case 'event':
    case 'late':
      return {
        kind: 'event',
        occurrence,
        event: JSON.parse(tail) as JsonObject,
        ...(name === 'late' ? { late: true } : {}),
      };
    case 'continue':
      return { kind: 'continue' };
    default:
      throw new Error(`unknown command ${name}`);
  }
}

/** `skip MEMBER [OCCURRENCE|-] [OUTPUT]`; `-` is the step that failed */
function skipped(rest: string): StimulusBody {
  const [by = '', occurrence = '-'] = rest.split(/\s+/);
  const output = rest.replace(/^\S+\s*\S*\s*/, '');
  return {
    kind: 'skipStep',
    by,
    ...(occurrence === '-' ? {} : { occurrence }),
    ...(output === '' ? {} : { output: json(output) }),
  };
}

/** `fail OCCURRENCE TYPE STATUS definitive|ambiguous [title]` */
function failed(occurrence: string, attempt: number, body: string): StimulusBody {
  const [type = '', status = '', outcome = '', ...title] = body.split(/\s+/);
  return {
    kind: 'failed',
    occurrence,
    attempt,
    error: {
      type: errorTypes[type as ErrorTypeName],
      status: Number(status),
      title: title.join(' ') || type,
    },
    outcome: outcome === 'definitive' ? 'definitive' : 'ambiguous',
  };
}

function json(text: string): Json {
  return text === '' ? {} : (JSON.parse(text) as Json);
}
