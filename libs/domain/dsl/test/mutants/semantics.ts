import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { pointerOf, sitesOf, valueAt, type Path } from './sites.js';

/**
 * The meaning of definitions, told a second time and as simply as possible: a judge of mutants that
 * the official schema accepts. It knows what the right definition behind a mutant says, and where it
 * cannot tell it says so.
 */
export interface Judgement {
  /** Pointers of what is wrong. */
  readonly wrong: readonly string[];
  /** Why nothing can be demanded of the mutant. */
  readonly unclear?: string;
}

interface List {
  readonly names: readonly string[];
  /** Branches of a fork do not follow each other. */
  readonly branches: boolean;
}

const builtIn = ['http', 'grpc', 'openapi', 'asyncapi', 'a2a', 'mcp'];
const platform = ['connector', 'human', 'agent', 'worker', 'map'];
const given = [
  'context',
  'input',
  'output',
  'secrets',
  'authorization',
  'task',
  'workflow',
  'runtime',
];
/** Members that name something: an empty text names nothing. */
const named = [
  'method',
  'command',
  'operationId',
  'operation',
  'channel',
  'name',
  'namespace',
  'image',
];
const schemes = ['basic', 'bearer', 'digest', 'oauth2', 'oidc'];

/** Members that are expressions without `${ }`, as paths within a task or the workflow. */
const bare =
  /^(if|while|input\/from|output\/as|export\/as|for\/in|switch\/\d+\/[^/]+\/when|catch\/(when|exceptWhen)|catch\/retry\/(when|exceptWhen)|foreach\/(output|export)\/as|(listen\/to|schedule\/on)\/(.*\/)?until|.*\/correlate\/[^/]+\/(from|expect)|use\/retries\/[^/]+\/(when|exceptWhen)|use\/extensions\/\d+\/[^/]+\/when)$/;
const notEvaluated = /(^|\/)(metadata|tags|document)(\/|$)|^call$|^use\/(secrets|catalogs)/;

export class Semantics {
  private readonly base: JsonObject;
  private readonly expressions = new Set<string>();
  private readonly texts = new Set<string>();
  private readonly arguments = new Set<string>();
  private wrong: string[] = [];
  private unclear: string | undefined;
  private definition: JsonObject = {};

  /** `base` is right. */
  constructor(base: JsonObject) {
    this.base = base;
    for (const { value } of sitesOf(base)) {
      if (typeof value === 'string') this.texts.add(value);
      if (isJsonObject(value) && 'with' in value) this.arguments.add(JSON.stringify(value['with']));
    }
    this.learning = true;
    this.judge(base);
    this.learning = false;
  }

  private learning = false;

  judge(definition: JsonObject): Judgement {
    this.wrong = [];
    this.unclear = undefined;
    this.definition = definition;
    this.workflow();
    return { wrong: this.wrong, ...(this.unclear === undefined ? {} : { unclear: this.unclear }) };
  }

  private workflow(): void {
    const { do: tasks, use, document, schedule, evaluate } = this.definition;
    const { dsl, metadata } = asObject(document);
    if (!/^1\.0\.[0-3]$/.test(words(dsl))) this.refuse(['document', 'dsl']);
    if (
      asObject(metadata)['timezone'] !==
      asObject(asObject(this.base['document'])['metadata'])['timezone']
    ) {
      this.doubt('time zone');
    }
    const { cron } = asObject(schedule);
    if (cron === 'some text') this.refuse(['schedule', 'cron']);
    else if (cron !== undefined && !this.texts.has(words(cron))) this.doubt('cron');
    const { language = 'jq' } = asObject(evaluate);
    if (language !== 'jq') this.refuse(['evaluate', 'language']);
    if (asObject(evaluate)['mode'] !== asObject(this.base['evaluate'])['mode']) this.doubt('mode');
    this.timeout(['timeout']);
    this.values([], [], ['do', 'use']);
    this.declared(asObject(use));
    this.list(tasks, ['do'], { variables: [], branches: false });
  }

  private declared(use: JsonObject): void {
    for (const [name, task] of Object.entries(asObject(use['functions']))) {
      this.task(task, ['use', 'functions', name], { names: [name], branches: false }, []);
    }
    for (const [index, item] of asList(use['extensions']).entries()) {
      for (const [name, extension] of Object.entries(asObject(item))) {
        const path = ['use', 'extensions', index, name];
        for (const side of ['before', 'after']) {
          this.list(asObject(extension)[side], [...path, side], { variables: [], branches: false });
        }
      }
    }
    this.values(['use'], [], ['functions', 'extensions'], 'use/');
    for (const [index] of asList(use['extensions']).entries()) {
      const owner = ['use', 'extensions', index];
      const name = Object.keys(asObject(valueAt(this.definition, owner)))[0] ?? '';
      this.values([...owner, name], [], ['before', 'after'], `use/extensions/${index}/x/`);
    }
  }

  private list(
    value: Json | undefined,
    path: Path,
    { variables, branches }: { variables: readonly string[]; branches: boolean },
  ): void {
    const items = asList(value);
    const names = items.map((item) => Object.keys(asObject(item))[0] ?? '');
    for (const [index, name] of names.entries()) {
      const at = [...path, index, name];
      if (name === '') this.doubt('task without a name');
      if (names.indexOf(name) !== index) this.refuse(at);
      this.task(asObject(items[index])[name], at, { names, branches }, variables);
    }
  }

  private task(
    value: Json | undefined,
    path: Path,
    list: List,
    variables: readonly string[],
  ): void {
    const task = asObject(value);
    this.target(task['then'], [...path, 'then'], list);
    this.timeout([...path, 'timeout']);
    if (typeof task['call'] === 'string') this.call(task, path);
    for (const [index, item] of asList(task['switch']).entries()) {
      for (const [name, option] of Object.entries(asObject(item))) {
        this.target(asObject(option)['then'], [...path, 'switch', index, name, 'then'], list);
      }
    }
    const handled = asObject(task['catch']);
    this.target(handled['then'], [...path, 'catch', 'then'], list);
    if (typeof handled['retry'] === 'string') {
      this.reference('retries', handled['retry'], [...path, 'catch', 'retry']);
    }
    const { error } = asObject(task['raise']);
    if (typeof error === 'string') this.reference('errors', error, [...path, 'raise', 'error']);
    if (typeof task['set'] === 'string' && !task['set'].startsWith('${'))
      this.doubt('set of a text');
    this.image(asObject(asObject(task['run'])['container'])['image'], path);
    this.inner(task, path, variables);
  }

  private image(image: Json | undefined, path: Path): void {
    if (typeof image !== 'string' || image.includes('${')) return;
    if (/\s/.test(image)) this.refuse([...path, 'run', 'container', 'image']);
    else if (!this.texts.has(image)) this.doubt('name of an image');
  }

  private inner(task: JsonObject, path: Path, variables: readonly string[]): void {
    const loop = task['for'] === undefined ? [] : this.names(task['for'], [...path, 'for'], 'each');
    const each = this.names(task['foreach'] ?? {}, [...path, 'foreach'], 'item');
    const caught = this.caught(task, path);
    const inside = (
      value: Json | undefined,
      at: Path,
      more: readonly string[],
      branches = false,
    ) => {
      this.list(value, [...path, ...at], { variables: [...variables, ...more], branches });
    };
    inside(task['do'], ['do'], loop);
    inside(task['try'], ['try'], []);
    inside(asObject(task['catch'])['do'], ['catch', 'do'], caught);
    inside(asObject(task['fork'])['branches'], ['fork', 'branches'], [], true);
    inside(asObject(task['foreach'])['do'], ['foreach', 'do'], each);
    const subscription = ['with', 'subscription', 'foreach'];
    const messages = valueAt(task, subscription);
    const item = this.names(messages ?? {}, [...path, ...subscription], 'item');
    inside(asObject(messages)['do'], [...subscription, 'do'], item);
    const map = task['call'] === 'map' ? asObject(task['with']) : {};
    inside(map['do'], ['with', 'do'], this.names(map, [...path, 'with'], 'each'));
    this.values(path, [...variables, ...loop, ...each, ...caught, ...item], ['do', 'try', 'fork']);
  }

  private caught(task: JsonObject, path: Path): string[] {
    if (task['catch'] === undefined) return [];
    const { as = 'error' } = asObject(task['catch']);
    if (!isName(as)) this.refuse([...path, 'catch', 'as']);
    return [words(as)];
  }

  private names(value: Json, path: Path, first: string): string[] {
    const { [first]: each = 'item', at = 'index' } = asObject(value);
    if (!isName(each)) this.refuse([...path, first]);
    if (!isName(at)) this.refuse([...path, 'at']);
    if (each === at) this.doubt('two variables of one name');
    return [words(each), words(at)];
  }

  private target(then: Json | undefined, path: Path, list: List): void {
    if (typeof then !== 'string' || ['continue', 'exit', 'end'].includes(then)) return;
    if (list.branches || !list.names.includes(then)) this.refuse(path);
  }

  private timeout(path: Path): void {
    const timeout = valueAt(this.definition, path);
    if (typeof timeout === 'string') this.reference('timeouts', timeout, path);
  }

  private call(task: JsonObject, path: Path): void {
    const name = words(task['call']);
    const own = Object.hasOwn(asObject(asObject(this.definition['use'])['functions']), name);
    const known = builtIn.includes(name) || platform.includes(name) || own;
    if (!known && !(this.texts.has(name) && /[/@]/.test(name))) {
      if (/[/@:]/.test(name)) this.doubt('function elsewhere');
      else this.refuse([...path, 'call']);
    }
    if (!builtIn.includes(name) && !this.arguments.has(JSON.stringify(task['with']))) {
      this.doubt('arguments of a function');
    }
    const { method, agentCard, server } = asObject(task['with']);
    if (name === 'a2a' && agentCard === undefined && server === undefined) {
      this.refuse([...path, 'with']);
    }
    if (name === 'http' && !/^[\w!#$%&'*+.^`|~-]+$/.test(words(method))) this.doubt('method');
  }

  private reference(kind: string, name: string, path: Path): void {
    const declared = asObject(asObject(this.definition['use'])[kind]);
    if (!Object.hasOwn(declared, name)) this.refuse(path);
  }

  /** Expressions, secrets and schemas below `path`, without the named members. */
  private values(path: Path, variables: readonly string[], without: string[], prefix = ''): void {
    for (const { path: inside, value } of sitesOf(valueAt(this.definition, path) ?? null)) {
      if (without.includes(String(inside[0])) || /(^|\/)(do|catch\/do)\//.test(inside.join('/')))
        continue;
      const place = prefix + inside.join('/');
      const at = [...path, ...inside];
      if (typeof value === 'string') this.text(value, place, at, variables);
      const key = inside.at(-1);
      if (key === 'use' && inside.length > 1) this.used(words(value), inside.at(-2), at);
      if (key === 'document' && inside.at(-2) === 'schema') this.schema(value, at);
      if (['endpoint', 'uri', 'authority'].includes(String(key))) this.address(value);
      if (typeof value === 'number' && (value < 0 || value > 100_000)) this.doubt('odd number');
      if (value === '' && named.includes(words(key))) this.doubt('no name');
      if (key === 'status' && inside.includes('error')) this.status(value);
    }
  }

  private text(value: string, place: string, at: Path, variables: readonly string[]): void {
    if (!bare.test(place) && (!value.includes('${') || notEvaluated.test(place))) {
      if (!this.learning && typeof valueAt(this.base, at) !== 'string' && !this.texts.has(value)) {
        this.doubt('a text where none was');
      }
      return;
    }
    if (this.learning) this.expressions.add(value);
    else if (!this.expressions.has(value)) {
      if (value === 'some text' && bare.test(place) && !/expect$/.test(place)) this.refuse(at);
      else this.doubt('new expression');
      return;
    }
    if (value.includes('$output') && valueAt(this.base, at) !== value) this.doubt('$output moved');
    for (const [, name = ''] of value.matchAll(/\$([A-Za-z_]\w*)/g)) {
      if (name === '__loc__' || new RegExp(`as \\$${name}\\b`).test(value)) continue;
      if (!given.includes(name) && !variables.includes(name)) this.refuse(at);
    }
    for (const [, name = ''] of value.matchAll(/\$secrets\.(\w+)/g)) this.secret(name, at);
  }

  private used(name: string, owner: string | number | undefined, at: Path): void {
    if (schemes.includes(String(owner))) this.secret(name, at);
    else if (owner === 'authentication') this.reference('authentications', name, at);
  }

  private secret(name: string, at: Path): void {
    const declared = asList(asObject(this.definition['use'])['secrets']);
    if (!declared.includes(name)) this.refuse(at);
  }

  private schema(value: Json, at: Path): void {
    if (JSON.stringify(value) === JSON.stringify(valueAt(this.base, at))) return;
    if (isJsonObject(value) || typeof value === 'boolean') this.doubt('schema');
    else this.refuse(at);
  }

  private address(value: Json): void {
    if (typeof value === 'string' && !this.texts.has(value)) this.doubt('address');
  }

  private status(value: Json): void {
    if (typeof value === 'number' && (value < 100 || value > 599)) this.doubt('status');
  }

  private refuse(path: Path): void {
    const pointer = pointerOf(path);
    if (!this.wrong.includes(pointer)) this.wrong.push(pointer);
  }

  private doubt(why: string): void {
    this.unclear ??= why;
  }
}

function asObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function isName(value: Json): boolean {
  return typeof value === 'string' && /^[A-Za-z_]\w*$/.test(value);
}

function words(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
