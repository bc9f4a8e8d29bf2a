import type { Json } from '@parley/kernel';
import type { Payload, Run, RunError, RunStep, RunTimeline, RunWait } from '@parley/contracts';
import { hasEnded } from '@parley/sdk';
import { durationText, oneLine, padEnd } from '../output/text.js';
import type { NameOf } from '../member-names.js';
import { painted } from '../output/table.js';

/** One thing that happened in a run. */
export interface LogLine {
  /** The same for the same fact, however often the timeline is read. */
  readonly key: string;
  readonly time: string;
  readonly status: string;
  /** Absent: about the run itself. */
  readonly step?: string;
  readonly occurrence?: string;
  readonly attempt?: number;
  readonly detail: string;
  readonly durationMs?: number;
  readonly error?: RunError;
  readonly input?: Payload;
  readonly output?: Payload;
}

export interface LogOptions {
  /** Only the steps with this name, with their inputs and outputs. */
  readonly step?: string;
  readonly nameOf?: NameOf;
}

/** What happened so far, oldest first. */
export function logLines({ run, steps }: RunTimeline, options: LogOptions = {}): LogLine[] {
  const { step: name, nameOf = (id: string) => id } = options;
  const chosen = name === undefined ? steps : steps.filter((step) => isNamed(step, name));
  const lines = chosen.flatMap((step) => linesOfStep(step, name !== undefined));
  const all = name === undefined ? [...linesOfRun(run, nameOf), ...lines] : lines;
  const placeOf = placesIn(steps);
  return all.toSorted((a, b) => {
    const [placeA, depthA] = placeOf(a);
    const [placeB, depthB] = placeOf(b);
    return Date.parse(a.time) - Date.parse(b.time) || placeA - placeB || depthA - depthB;
  });
}

/**
 * Order of what happened in the same millisecond: as steps were entered, and the end of a step after
 * the end of everything inside it.
 */
function placesIn(steps: readonly RunStep[]): (line: LogLine) => [place: number, depth: number] {
  const lastInside = new Map<string, number>();
  for (const [at, { occurrence }] of steps.entries()) {
    for (let end = occurrence.length; end > 0; end = occurrence.lastIndexOf('/', end - 1)) {
      lastInside.set(occurrence.slice(0, end), at);
    }
  }
  const entered = new Map(steps.map(({ occurrence }, at) => [occurrence, at]));
  return ({ key, occurrence }) => {
    if (occurrence === undefined) return [key === 'run/end' ? Infinity : -1, 0];
    if (!key.endsWith('/end')) return [entered.get(occurrence) ?? 0, -Infinity];
    return [lastInside.get(occurrence) ?? 0, -occurrence.length];
  };
}

export function isNamed(step: RunStep, name: string): boolean {
  return step.name === name || step.node === name || step.occurrence === name;
}

const statusWidth = 9;
const nameWidth = 24;
const payloadCharsMax = 2_000;

/** A line as people read it. */
export function logText(line: LogLine, colours: boolean): string {
  const status = padEnd(line.status, statusWidth);
  const name = padEnd(oneLine(line.step ?? 'run'), nameWidth);
  const detail = oneLine(line.detail);
  const head = `${line.time}  ${colours ? painted(status) : status}  ${name}  ${detail}`.trimEnd();
  const payloads = (['input', 'output'] as const).flatMap((part) => {
    const payload = line[part];
    return payload === undefined ? [] : [`  ${padEnd(part, 6)}  ${payloadText(payload)}`];
  });
  return [head, ...payloads].join('\n');
}

function payloadText({ value, preview, bytes, truncated }: Payload): string {
  const text = oneLine(
    truncated ? (preview ?? '') : (JSON.stringify(value satisfies Json | undefined) ?? ''),
  );
  return truncated || text.length > payloadCharsMax
    ? `${text.slice(0, payloadCharsMax)} … (${bytes} bytes)`
    : text;
}

function linesOfRun(run: Run, nameOf: NameOf): LogLine[] {
  const started = `${run.workflowName} version ${run.version}, by ${nameOf(run.startedBy)}`;
  const lines: LogLine[] = [
    { key: 'run/start', time: run.createdAt, status: 'started', detail: started },
  ];
  if (!hasEnded(run)) return lines;
  const time = run.endedAt ?? run.updatedAt;
  const durationMs = between(run.createdAt, time);
  const { error } = run;
  const detail = joined(durationText(durationMs), error && errorText(error));
  return [...lines, { key: 'run/end', time, status: run.status, detail, durationMs, error }];
}

function linesOfStep(step: RunStep, withPayloads: boolean): LogLine[] {
  const { startedAt, endedAt, status, error } = step;
  const about = { step: step.name, occurrence: step.occurrence };
  const lines: LogLine[] = [];
  const add = (key: string, line: Omit<LogLine, 'key' | 'step' | 'occurrence'>) =>
    lines.push({ key: `${step.occurrence}/${key}`, ...about, ...line });
  if (startedAt !== undefined && !isUndecided(step)) {
    const input = withPayloads ? step.input : undefined;
    add('start', { time: startedAt, status: 'started', detail: beginningOf(step), input });
  }
  for (const { attempt, endedAt: time, error: cause } of step.attempts) {
    if (time === undefined || cause === undefined) continue;
    const detail = joined(`attempt ${attempt}`, errorText(cause));
    add(`attempt/${attempt}`, { time, status: 'failed', detail, attempt, error: cause });
  }
  if (step.wait !== undefined) {
    add(`wait/${step.wait.since}`, {
      time: step.wait.since,
      status: 'waiting',
      detail: waitText(step.wait),
    });
  }
  if (endedAt === undefined) return lines;
  const durationMs = startedAt === undefined ? undefined : between(startedAt, endedAt);
  const detail = joined(
    durationMs === undefined ? undefined : durationText(durationMs),
    error && errorText(error),
    step.undone === true ? 'undone' : undefined,
  );
  const output = withPayloads ? step.output : undefined;
  add('end', { time: endedAt, status, detail, durationMs, error, output });
  return lines;
}

function beginningOf({ calls, kind, undoes }: RunStep): string {
  return joined(undoes === undefined ? undefined : `undoes ${undoes}`, calls ?? kind);
}

/** A call that was entered a moment ago: what it calls, or whom it asks, is told with its start. */
function isUndecided({ kind, calls, attempts, wait, endedAt }: RunStep): boolean {
  const isOpen = endedAt === undefined && wait === undefined && attempts.length === 0;
  return kind === 'call' && calls === undefined && isOpen;
}

export function waitText({ kind, who, until, approvalId, runId, queue }: RunWait): string {
  if (kind === 'call') return 'for an answer';
  if (kind === 'worker') return `for a worker of queue ${queue ?? '?'}`;
  if (kind === 'event') return 'for an event';
  if (kind === 'run') return `for ${runId ?? 'another run'}`;
  if (kind === 'approval') {
    const decide = approvalId === undefined ? '' : ` (${approvalId})`;
    return `for a decision of ${who ?? 'somebody'}${decide}`;
  }
  if (kind === 'resume') return `to be resumed (suspended by ${who ?? 'somebody'})`;
  const what = kind === 'timer' ? 'for its time' : 'before the next attempt';
  return until === undefined ? what : `${what}, until ${until}`;
}

export function errorText({ title, detail, type, status }: RunError): string {
  const parts = [title ?? type, detail?.replace(/\.$/, '')].filter(Boolean);
  return `${parts.join(': ')} (status ${status})`;
}

function joined(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('  ');
}

function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}
