import type { IrCallNode, IrNode } from '@parley/ir';
import { textOf, type MapNode } from '../source/tree.js';
import type { Advice, Cure } from './report.js';
import { nodeAt } from './report.js';
import { addMember, movedLines, replacing, taskLines } from './text-edits.js';

const communication = 'https://open-workflow-specification.org/spec/1.0.0/errors/communication';

/** PS2002: reads that nothing tries again. */
export function adviseRetries(advice: Advice): void {
  for (const node of advice.nodes()) {
    if (node.kind !== 'call' || node.delivery !== 'safe' || isRetried(advice, node)) continue;
    advice.add(
      'PS2002',
      node.pointer,
      `"${node.name}" only reads, so it can be tried again when it fails`,
      retryCure(advice, node),
    );
  }
}

function isRetried(advice: Advice, node: IrNode): boolean {
  for (const { owner, scope } of advice.around(node)) {
    if (owner.kind === 'try' && owner.body === scope && owner.catch.retry !== undefined)
      return true;
  }
  return false;
}

/** Puts the task into a `try` of its name; only where control goes next stays outside. */
function retryCure(advice: Advice, node: IrCallNode): Cure | undefined {
  const written = advice.written(node);
  const title = 'Try it again when it fails';
  if (written === undefined) return undefined;
  const { parsed } = advice;
  const map = written.entry.value;
  if (map.kind !== 'map') return undefined;
  if (map.flow)
    return { title, span: map.span, newText: flowTry(advice, written.entry.keySpan, map) };
  const block = taskLines(parsed, written);
  const first = map.entries[0];
  if (block === undefined || first === undefined) return undefined;
  const column = first.keySpan.start - parsed.reporter.lines.lineStart(first.keySpan.start);
  const start = parsed.reporter.lines.lineStart(first.keySpan.start);
  if (parsed.source.slice(start, first.keySpan.start).trim() !== '') return undefined;
  const pad = ' '.repeat(column);
  const key = parsed.source.slice(written.entry.keySpan.start, written.entry.keySpan.end);
  const outer = map.entries.filter(({ key: name }) => name === 'then');
  const inner = map.entries.filter((entry) => !outer.includes(entry));
  const text = [
    `${pad}try:\n${pad}  - ${key}:\n`,
    ...inner.map((entry) => movedLines(parsed, entry, 6)),
    `${pad}catch:\n${pad}  errors: { with: { type: ${communication} } }\n`,
    `${pad}  retry: { delay: PT1S, backoff: { exponential: {} }, limit: { attempt: { count: 3 } } }\n`,
    ...outer.map((entry) => movedLines(parsed, entry, 0)),
  ].join('');
  return { title, span: { start, end: block.end }, newText: replacing(parsed, block.end, text) };
}

function flowTry(
  { parsed }: Advice,
  keySpan: { start: number; end: number },
  map: MapNode,
): string {
  const { source } = parsed;
  const key = source.slice(keySpan.start, keySpan.end);
  const slice = (wanted: boolean) =>
    map.entries
      .filter(({ key: name }) => (name === 'then') === wanted)
      .map(({ keySpan: { start }, value }) => source.slice(start, value.span.end));
  const isJson = source.charAt(map.entries[0]?.keySpan.start ?? 0) === '"';
  const handler = isJson
    ? `"catch": { "errors": { "with": { "type": "${communication}" } }, "retry": { "delay": "PT1S", "backoff": { "exponential": {} }, "limit": { "attempt": { "count": 3 } } } }`
    : `catch: { errors: { with: { type: ${communication} } }, retry: { delay: PT1S, backoff: { exponential: {} }, limit: { attempt: { count: 3 } } } }`;
  const attempt = `${isJson ? '"try"' : 'try'}: [{ ${key}: { ${slice(false).join(', ')} } }]`;
  return `{ ${[attempt, handler, ...slice(true)].join(', ')} }`;
}

/** Time that a step of each kind is usually given. */
const usualTimes: Readonly<Record<string, string>> = {
  human: 'P7D',
  agent: 'PT10M',
  worker: 'PT1H',
  listen: 'P1D',
  run: 'PT10M',
};

/** PS2003: steps that wait for something outside, and nothing ends the waiting. */
export function adviseTimeouts(advice: Advice): void {
  if (advice.ir.timeout !== undefined) return;
  for (const node of advice.nodes()) {
    const kind = node.kind === 'call' ? node.function : node.kind;
    if (!waits(node) || isLimited(advice, node)) continue;
    const time = usualTimes[kind] ?? 'PT30S';
    const value = { name: 'timeout', yaml: `{ after: ${time} }`, json: `{ "after": "${time}" }` };
    const map = nodeAt(advice.root, node.pointer);
    const edit =
      map?.kind === 'map' && advice.written(node)
        ? addMember(advice.parsed, map, value)
        : undefined;
    const message = `"${node.name}" waits for ${awaited(kind)} without a time limit`;
    advice.add(
      'PS2003',
      node.pointer,
      message,
      edit && { title: `Wait for ${time} at most`, ...edit },
    );
  }
}

function waits(node: IrNode): boolean {
  if (node.kind === 'listen') return true;
  if (node.kind === 'run') return node.await;
  if (node.kind !== 'call') return false;
  const { with: given } = node;
  const has = (name: string) =>
    given.kind === 'object' && given.entries.some(([key]) => key === name);
  if (node.function === 'human') return !has('due');
  return !has('subscription');
}

function awaited(kind: string): string {
  if (kind === 'listen') return 'events';
  if (kind === 'human') return 'a person';
  return kind === 'run' ? 'a process' : 'an answer';
}

function isLimited(advice: Advice, node: IrNode): boolean {
  if (node.timeout !== undefined) return true;
  for (const { owner, scope } of advice.around(node)) {
    if (owner.timeout !== undefined) return true;
    const retry = owner.kind === 'try' && owner.body === scope ? owner.catch.retry : undefined;
    if (retry?.attemptDurationMsMax !== undefined) return true;
  }
  return false;
}

/** PS2005: retry policies that never give up. */
export function adviseRetryLimits(advice: Advice): void {
  for (const node of advice.nodes()) {
    const retry = node.kind === 'try' ? node.catch.retry : undefined;
    if (retry === undefined) continue;
    if (retry.attemptsMax !== undefined || retry.durationMsMax !== undefined) continue;
    const pointer = policyPointer(advice, `${node.pointer}/catch/retry`);
    const policy = nodeAt(advice.root, pointer);
    const member = {
      name: 'limit',
      yaml: '{ attempt: { count: 5 } }',
      json: '{ "attempt": { "count": 5 } }',
    };
    const isFree = policy?.kind === 'map' && policy.entries.every(({ key }) => key !== 'limit');
    const edit = isFree ? addMember(advice.parsed, policy, member) : undefined;
    const message = `"${node.name}" is tried again for ever`;
    advice.add(
      'PS2005',
      pointer,
      message,
      edit && { title: 'Give up after 5 more attempts', ...edit },
    );
  }
}

/** Where a policy is written: in place, or under `use.retries`. */
function policyPointer(advice: Advice, pointer: string): string {
  const name = textOf(nodeAt(advice.root, pointer));
  if (name === undefined) return pointer;
  return `/use/retries/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** PS2006: handlers that hide every error. */
export function adviseSwallowing(advice: Advice): void {
  for (const node of advice.nodes()) {
    if (node.kind !== 'try') continue;
    const { with: filter, when, exceptWhen, retry, body, then } = node.catch;
    if ([filter, when, exceptWhen, retry, body, then].some((part) => part !== undefined)) continue;
    advice.add(
      'PS2006',
      `${node.pointer}/catch`,
      `"${node.name}" goes on after any error as if nothing had happened`,
    );
  }
}
