import { isJsonObject, type Json } from '@parley/kernel';
import { isContainerName, isImageName, isVariableName } from './container-names.js';
import type {
  CallFunction,
  Ir,
  IrAuthentication,
  IrEventFilter,
  IrNode,
  IrRunNode,
  IrSchedule,
  NodeId,
  Template,
} from './ir.js';

/** Something of a definition that the language has and this version of the platform does not run. */
export interface Unavailable {
  /** Absent: a property of the whole workflow. */
  readonly node?: NodeId;
  /** JSON Pointer into the definition. */
  readonly pointer: string;
  /** In the words of the definition, e.g. `listen`, `call: grpc`. */
  readonly what: string;
}

const calls: ReadonlySet<CallFunction> = new Set([
  'http',
  'openapi',
  'connector',
  'human',
  'worker',
]);
const grants: ReadonlySet<Json> = new Set(['client_credentials', 'password']);
const clientAuthentications: ReadonlySet<Json> = new Set([
  'client_secret_post',
  'client_secret_basic',
  'none',
]);
/** What runs processes that need more than the engine. None is enabled unless an operator says so. */
export const executorNames = ['shell', 'container'] as const;
export type ExecutorName = (typeof executorNames)[number];

const scriptLanguages: ReadonlySet<Json> = new Set(['js', 'javascript']);
const ofRuns = /\$(?:workflow|runtime)\b/;
const ofSecrets = /\$secrets\b/;
const secretsRead = '$secrets in an expression';
const kinds: ReadonlySet<IrNode['kind']> = new Set([
  'do',
  'set',
  'switch',
  'for',
  'fork',
  'wait',
  'try',
  'raise',
  'emit',
  'listen',
  'map',
  'call',
  'run',
]);

/**
 * What keeps a workflow from being run by this version. A definition that has any of it is valid;
 * the compiler warns of it, and the engine refuses to load it.
 */
export function unavailableIn(ir: Ir): Unavailable[] {
  const found: Unavailable[] = [];
  for (const node of Object.values(ir.nodes)) {
    const what = unavailableOf(node);
    if (what !== undefined) found.push({ node: node.id, pointer: node.pointer, what });
    if (node.kind === 'run') {
      found.push(...unavailableInContainer(node).map((one) => ({ node: node.id, ...one })));
    }
    if (readsSecrets(node.input?.from)) {
      found.push({ node: node.id, pointer: `${node.pointer}/input/from`, what: secretsRead });
    }
  }
  const whole = (pointer: string, what: string) => found.push({ pointer, what });
  for (const [name, what] of unavailableInSchedule(ir.schedule ?? {}))
    whole(`/schedule/${name}`, what);
  if (readsSecrets(ir.input?.from)) whole('/input/from', secretsRead);
  return found;
}

function unavailableInSchedule({
  on,
  read,
}: IrSchedule): (readonly [name: string, what: string])[] {
  const found: (readonly [string, string])[] = [];
  if (read === 'raw') found.push(['read', 'schedule.read: raw']);
  if (on === undefined) return found;
  const variables = 'schedule.on with $workflow or $runtime';
  if (on.filters.some(readsRun)) found.push([`on/${on.mode}`, variables]);
  const { until } = on;
  const inUntil =
    until !== undefined &&
    ('source' in until ? ofRuns.test(until.source) : until.filters.some(readsRun));
  if (inUntil) found.push(['on/until', variables]);
  return found;
}

function readsRun({ with: attributes, correlate = [] }: IrEventFilter): boolean {
  return (
    usesVariables(attributes.map(([, value]) => value)) ||
    correlate.some(([, { from, expect }]) => {
      return ofRuns.test(from) || (expect !== undefined && usesVariables([expect]));
    })
  );
}

/** There is no run yet that variables could be of. */
function usesVariables(templates: readonly Template[], names = ofRuns): boolean {
  return templates.some((template) => {
    switch (template.kind) {
      case 'literal':
        return false;
      case 'expression':
        return names.test(template.source);
      case 'text':
        return template.parts.some((part) => typeof part !== 'string' && names.test(part.source));
      case 'object':
        return usesVariables(
          template.entries.map(([, value]) => value),
          names,
        );
      case 'array':
        return usesVariables(template.items, names);
    }
  });
}

/** A secret proves who calls; it is no data that an expression could take along. */
function readsSecrets(from: Template | undefined): boolean {
  return from !== undefined && usesVariables([from], ofSecrets);
}

/** The tasks that run only where an executor is enabled. */
export function executorsNeeded(ir: Ir): { pointer: string; executor: ExecutorName }[] {
  return Object.values(ir.nodes).flatMap((node) => {
    const executor = executorNames.find((name) => node.kind === 'run' && node.process === name);
    return executor === undefined ? [] : [{ pointer: node.pointer, executor }];
  });
}

function unavailableOf(node: IrNode): string | undefined {
  if (node.kind === 'run') return unavailableProcess(node);
  if (node.kind !== 'call') return kinds.has(node.kind) ? undefined : node.kind;
  if (!calls.has(node.function)) return `call: ${node.custom ?? node.function}`;
  if (node.request?.body?.startsWith('multipart/') === true) {
    return 'call: openapi with a multipart body';
  }
  return node.authentication && unavailableProof(node.authentication);
}

function unavailableProcess(node: IrRunNode): string | undefined {
  if (node.process !== 'script') return undefined;
  const language = fixedMember(node.with, ['language']);
  if (language === undefined || scriptLanguages.has(language)) return undefined;
  return `run: script in ${JSON.stringify(language)}`;
}

/** A container has nothing of the machine that it runs on, nothing of it stays, and no name is anything else. */
function unavailableInContainer({ pointer, process, with: args }: IrRunNode) {
  if (process !== 'container') return [];
  const given = namesIn(args);
  const found = ['ports', 'volumes'].filter((name) => given.has(name)).map((name) => [name, name]);
  const [image, name] = [fixedMember(args, ['image']), fixedMember(args, ['name'])];
  const cleanup = fixedMember(args, ['lifetime', 'cleanup']);
  if (isOther(image, isImageName)) found.push(['image', `image ${JSON.stringify(image)}`]);
  if (isOther(name, isContainerName)) found.push(['name', `name ${JSON.stringify(name)}`]);
  if (isOther(cleanup, (text) => text === 'always')) {
    found.push(['lifetime/cleanup', `cleanup: ${JSON.stringify(cleanup)}`]);
  }
  for (const variable of namesIn(memberOf(args, 'environment'))) {
    if (isVariableName(variable)) continue;
    found.push(['environment', `the environment variable ${JSON.stringify(variable)}`]);
  }
  return found.map(([at, what]) => ({
    pointer: `${pointer}/run/container/${at ?? ''}`,
    what: `run: container with ${what ?? ''}`,
  }));
}

/** Whether a fixed text is none of those that can be; what is computed is looked at when it is run. */
function isOther(fixed: Json | undefined, isOne: (text: string) => boolean): boolean {
  return typeof fixed === 'string' && !isOne(fixed);
}

function unavailableProof({ scheme, properties }: IrAuthentication): string | undefined {
  if (scheme !== 'oauth2' && scheme !== 'oidc') return undefined;
  const grant = fixedMember(properties, ['grant']);
  if (grant !== undefined && !grants.has(grant)) {
    return `authentication: ${scheme} with grant ${JSON.stringify(grant)}`;
  }
  const client = fixedMember(properties, ['client', 'authentication']);
  if (client !== undefined && !clientAuthentications.has(client)) {
    return `authentication: ${scheme} with client.authentication ${JSON.stringify(client)}`;
  }
  return undefined;
}

/** Members of a template that is an object. */
function namesIn(template: Template | undefined): ReadonlySet<string> {
  if (template?.kind === 'object') return new Set(template.entries.map(([name]) => name));
  const value = template?.kind === 'literal' ? template.value : undefined;
  return new Set(isJsonObject(value) ? Object.keys(value) : []);
}

function memberOf(template: Template, name: string): Template | undefined {
  if (template.kind === 'object') return template.entries.find(([key]) => key === name)?.[1];
  const value = fixedMember(template, [name]);
  return value === undefined ? undefined : { kind: 'literal', value };
}

/** A member of a template, when it is no expression. */
function fixedMember(template: Template | undefined, path: readonly string[]): Json | undefined {
  const [name, ...rest] = path;
  if (template?.kind === 'literal') {
    let value: Json | undefined = template.value;
    for (const key of path) value = isJsonObject(value) ? value[key] : undefined;
    return value;
  }
  if (template?.kind !== 'object' || name === undefined) return undefined;
  return fixedMember(template.entries.find(([key]) => key === name)?.[1], rest);
}
