import type { Ir, IrDocument, IrSchedule } from '@parley/ir';
import { nearest } from '../diagnostics/nearest.js';
import { spanInScalar } from '../source/positions.js';
import { memberOf, textOf, toJsonObject, type SourceNode } from '../source/tree.js';
import { parseCron } from '../values/cron.js';
import { readInput, readOutput, readTimeout } from './task-members.js';
import type { Context } from './context.js';
import {
  expectMap,
  expectName,
  expectOneOf,
  expectText,
  notYet,
  readMembers,
  type Members,
} from './members.js';
import { readFixedDuration } from './values.js';

/** The parts of an IR that stand at the top of a definition. */
export type Head = Omit<Ir, 'format' | 'hash' | 'nodes' | 'scopes' | 'root'>;

const workflowMembers: Members = {
  document: { required: true },
  input: {},
  use: {},
  do: { required: true },
  timeout: {},
  output: {},
  schedule: {},
  evaluate: {},
};

/** Compiles a whole definition; tasks go into the context. */
export function compileWorkflow(
  ctx: Context,
  root: SourceNode,
  timezone: string | undefined,
): Head | undefined {
  const fields = readMembers(ctx, root, workflowMembers, 'The definition');
  if (fields === undefined) return undefined;
  const read = <T>(name: string, reader: (field: SourceNode) => T | undefined): T | undefined => {
    const field = fields.get(name);
    return field && reader(field);
  };
  const document = read('document', (field) => readDocument(ctx, field));
  const input = read('input', (field) => readInput(ctx, field, 'workflowInput', []));
  read('use', (field) => refuseUse(ctx, field));
  read('evaluate', (field) => readEvaluate(ctx, field));
  const schedule = read('schedule', (field) => readSchedule(ctx, field));
  const timeout = read('timeout', (field) => readTimeout(ctx, field, 'workflow'));
  read('do', (field) => ctx.compileTasks(field, { scope: 'do', scoped: [] }));
  const output = read('output', (field) => readOutput(ctx, field, 'workflowOutput', []));
  const zone = readTimezone(ctx, fields.get('document')) ?? timezone;
  if (document === undefined) return undefined;
  return {
    document,
    ...(input && { input }),
    ...(output && { output }),
    ...(timeout && { timeout }),
    ...(schedule && { schedule }),
    ...(zone === undefined ? {} : { timezone: zone }),
  };
}

const documentMembers: Members = {
  dsl: { required: true },
  namespace: { required: true },
  name: { required: true },
  version: { required: true },
  title: {},
  summary: {},
  tags: {},
  metadata: {},
};
const label = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

function readDocument(ctx: Context, node: SourceNode): IrDocument | undefined {
  const fields = readMembers(ctx, node, documentMembers, '"document"');
  if (fields === undefined) return undefined;
  const text = (name: string, pattern?: RegExp, expected = '') => {
    const field = fields.get(name);
    const value = field && expectText(ctx, field, `"${name}"`);
    if (field === undefined || value === undefined || pattern?.test(value) !== false) return value;
    ctx.reporter.report('PL1013', field, {
      message: `"${name}" cannot be "${value}"`,
      expected,
      actual: value,
    });
    return undefined;
  };
  const dsl = text('dsl', semver, 'a version such as 1.0.3');
  const namespace = text('namespace', label, 'letters, digits and dashes, at most 63');
  const name = text('name', label, 'letters, digits and dashes, at most 63');
  const version = text('version', semver, 'a version such as 0.1.0');
  const title = text('title');
  const summary = text('summary');
  const tags = fields.get('tags');
  if (tags !== undefined) expectMap(ctx, tags, '"tags"');
  const metadata = fields.get('metadata');
  const data =
    metadata && expectMap(ctx, metadata, '"metadata"') ? toJsonObject(metadata) : undefined;
  if (dsl !== undefined && !/^1\.0\./.test(dsl)) reportVersion(ctx, fields.get('dsl'), dsl);
  if (dsl === undefined || namespace === undefined || name === undefined || version === undefined) {
    return undefined;
  }
  return {
    dsl,
    namespace,
    name,
    version,
    ...(title === undefined ? {} : { title }),
    ...(summary === undefined ? {} : { summary }),
    ...(data && { metadata: data }),
  };
}

function reportVersion(ctx: Context, node: SourceNode | undefined, actual: string): void {
  if (node === undefined) return;
  ctx.reporter.report('PL1043', node, {
    message: `Version ${actual} of the language is not supported`,
    expected: '1.0.x',
    actual,
    fix: { title: 'Write 1.0.3', span: node.span, newText: "'1.0.3'" },
  });
}

function readTimezone(ctx: Context, document: SourceNode | undefined): string | undefined {
  const node = memberOf(memberOf(document, 'metadata'), 'timezone');
  const zone = node && expectName(ctx, node, '"timezone"');
  if (node === undefined || zone === undefined || isTimezone(zone)) return zone;
  const zones = Intl.supportedValuesOf('timeZone');
  const cities = zones.filter((name) =>
    name.toLowerCase().endsWith(`/${zone.toLowerCase().replaceAll(' ', '_')}`),
  );
  const near = cities.length > 0 ? cities : nearest(zone, zones);
  const [best] = near;
  ctx.reporter.report('PL1042', node, {
    message: `There is no time zone "${zone}"`,
    expected: 'an IANA name such as Europe/Berlin',
    actual: zone,
    suggestions: near,
    ...(best && { fix: { title: `Write ${best}`, span: node.span, newText: best } }),
  });
  return undefined;
}

/** Whether a name is an IANA time zone. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    // RangeError is how Intl answers "no".
    return false;
  }
}

const evaluateMembers: Members = { language: {}, mode: {} };

function readEvaluate(ctx: Context, node: SourceNode): void {
  const fields = readMembers(ctx, node, evaluateMembers, '"evaluate"');
  const language = fields?.get('language');
  const name = language && expectName(ctx, language, '"language"');
  if (language !== undefined && name !== undefined && name !== 'jq') {
    ctx.reporter.report('PL1060', language, {
      message: `Expressions in ${name} are not supported; use jq`,
    });
  }
  const mode = fields?.get('mode');
  const chosen = mode && expectOneOf(ctx, mode, '"mode"', ['strict', 'loose']);
  if (mode !== undefined && chosen === 'loose') {
    ctx.reporter.report('PL1060', mode, {
      message: 'Loose evaluation is not supported yet; write ${ } around expressions',
    });
  }
}

const scheduleMembers: Members = {
  every: {},
  cron: {},
  after: { later: true },
  on: { later: true },
  read: { later: true },
};

function readSchedule(ctx: Context, node: SourceNode): IrSchedule | undefined {
  const fields = readMembers(ctx, node, scheduleMembers, '"schedule"');
  if (fields === undefined) return undefined;
  const every = fields.get('every');
  const cron = fields.get('cron');
  if (every !== undefined && cron !== undefined) {
    ctx.reporter.report('PL1060', every, {
      message: '"every" beside "cron" is not supported yet; use one of them',
    });
    return undefined;
  }
  const ms = every && readInterval(ctx, every);
  const expression = cron && readCron(ctx, cron);
  return {
    ...(ms === undefined ? {} : { every: { ms } }),
    ...(expression === undefined ? {} : { cron: expression }),
  };
}

/** A schedule that fires faster than this is a mistake, and would keep everybody else waiting. */
const intervalMsMin = 1_000;

function readInterval(ctx: Context, node: SourceNode): number | undefined {
  const ms = readFixedDuration(ctx, node, '"every"');
  if (ms === undefined || ms >= intervalMsMin) return ms;
  ctx.reporter.report('PL1040', node, { message: '"every" must be at least one second' });
  return undefined;
}

/** The expression with single spaces; its problem is reported at the field that has it. */
function readCron(ctx: Context, node: SourceNode): string | undefined {
  const text = expectName(ctx, node, '"cron"');
  if (text === undefined || node.kind !== 'scalar') return undefined;
  const parsed = parseCron(text);
  if (parsed.ok) return text.trim().replaceAll(/\s+/g, ' ');
  const { offset, length, message } = parsed.error;
  const span = spanInScalar(ctx.source, node, offset, length);
  ctx.reporter.report(
    'PL1041',
    { span, pointer: node.pointer },
    {
      message: `The cron expression "${text}": ${message}`,
      expected: 'minute, hour, day of month, month, day of week, e.g. 0 9 * * 1-5',
      actual: text,
    },
  );
  return undefined;
}

/** Everything under `use` is for later; one finding per member. */
function refuseUse(ctx: Context, node: SourceNode): void {
  const known = [
    'authentications',
    'catalogs',
    'errors',
    'extensions',
    'functions',
    'retries',
    'secrets',
    'timeouts',
  ];
  const fields = readMembers(
    ctx,
    node,
    Object.fromEntries(known.map((name) => [name, {}])),
    '"use"',
  );
  if (fields === undefined || node.kind !== 'map') return;
  for (const entry of node.entries) {
    if (fields.has(entry.key)) notYet(ctx, entry, `"use.${entry.key}"`);
  }
}

/** What a definition declares under `use`, whatever state it is in. */
export function declaredNames(root: SourceNode): Map<string, Set<string>> {
  const use = memberOf(root, 'use');
  const declared = new Map<string, Set<string>>();
  for (const { key, value } of use?.kind === 'map' ? use.entries : []) {
    const names =
      value.kind === 'map'
        ? value.entries.map((entry) => entry.key)
        : value.kind === 'list'
          ? value.items.flatMap((item) => textOf(item) ?? [])
          : [];
    declared.set(key, new Set(names));
  }
  return declared;
}
