import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { shuffled } from './random.js';
import { added, pointerOf, replaced, sitesOf, valueAt, type Path } from './sites.js';
import { isTask, isTaskItem, type Operator } from './structural.js';

/** Changes that leave a right definition right, by construction. */
export const preserving: Readonly<Record<string, Operator>> = {
  'members in another order': (definition, { path, value }, random) => {
    if (!isJsonObject(value) || Object.keys(value).length < 2) return undefined;
    const next = Object.fromEntries(shuffled(Object.entries(value), random));
    return { value: replaced(definition, path, next), touched: [path] };
  },
  'metadata added': (definition, { path, value }) =>
    isTask(value, path)
      ? withMember(definition, path, 'metadata', { note: 'x', list: [1, null] })
      : undefined,
  'condition added': (definition, { path, value }, random) => {
    const condition = random.pick(['true', '${ .a == 1 }', '.total > 3 and (.items | length) < 9']);
    return isTask(value, path) ? withMember(definition, path, 'if', condition) : undefined;
  },
  'output shaped': (definition, { path, value }, random) => {
    const shape = random.pick<Json>([{ as: '.a' }, { as: { b: '${ .c }' } }, { as: '${ . }' }]);
    return isTask(value, path) ? withMember(definition, path, 'output', shape) : undefined;
  },
  'input taken': (definition, { path, value }, random) => {
    const from = random.pick<Json>(['.a.b', '${ $context }', { kept: '${ . }', constant: 1 }]);
    return isTask(value, path) ? withMember(definition, path, 'input', { from }) : undefined;
  },
  'context written': (definition, { path, value }) =>
    isTask(value, path)
      ? withMember(definition, path, 'export', { as: '$context + { a: . }' })
      : undefined,
  'time limit added': (definition, { path, value }, random) => {
    const after = random.pick<Json>(['PT5M', { minutes: 5, seconds: 1 }, 'P1DT2H', '${ .limit }']);
    return isTask(value, path) ? withMember(definition, path, 'timeout', { after }) : undefined;
  },
  'goes on explicitly': (definition, { path, value }, random) =>
    isTask(value, path) && !Object.hasOwn(value, 'switch')
      ? withMember(definition, path, 'then', random.pick(['continue', 'exit', 'end']))
      : undefined,
  'document described': (definition, { path, value }, random) =>
    path.join('/') === 'document' && isJsonObject(value)
      ? withMember(
          definition,
          path,
          ...random.pick<[string, Json]>([
            ['title', 'A title: with a colon'],
            ['summary', 'Some *Markdown*\n\nin two paragraphs'],
            ['tags', { a: 'b', c: 1 }],
            ['metadata', { any: [{ thing: true }] }],
          ]),
        )
      : undefined,
  'version changed': (definition, { path }, random) =>
    path.join('/') === 'document/version'
      ? change(definition, path, random.pick(['2.0.0', '1.2.3-rc.1', '0.0.1+build.5', '10.20.30']))
      : undefined,
  'text changed': (definition, { path, value }, random) =>
    typeof value === 'string' &&
    /\/(title|summary|message|detail|description)$/.test(pointerOf(path))
      ? change(
          definition,
          path,
          random.pick(['Another text', 'Ünïcödé 🎉', 'yes', '1e3', '# no comment', '- a']),
        )
      : undefined,
  'duration changed': (definition, { path, value }, random) =>
    typeof value === 'string' && /^P(T?\d)/.test(value) && path[0] !== 'schedule'
      ? change(
          definition,
          path,
          random.pick<Json>(['PT1H', 'P2DT3H4M5S', { days: 1 }, 'PT0.5S', 'P1W']),
        )
      : undefined,
  'step renamed with its references': (definition, { path, value }) => {
    const name = String(path.at(-1));
    const item = valueAt(definition, path.slice(0, -1));
    const isStep = isTask(value, path) && typeof path.at(-2) === 'number' && isJsonObject(item);
    return isStep ? renamedStep(definition, path, name, `${name} anew`) : undefined;
  },
  'step put into a list of its own': (definition, { path, value }) => {
    if (!isTask(value, path) || typeof path.at(-2) !== 'number' || usesTask(value))
      return undefined;
    const { then, ...rest } = value;
    if (then !== undefined && isJsonObject(value['catch']) && 'then' in value['catch'])
      return undefined;
    if (
      Object.hasOwn(value, 'switch') ||
      (isJsonObject(value['catch']) && 'then' in value['catch'])
    )
      return undefined;
    const outer: JsonObject = { do: [{ inner: rest }], ...(then === undefined ? {} : { then }) };
    return change(definition, path, outer);
  },
  'step added at the end': (definition, { path, value }, random) => {
    if (!Array.isArray(value) || !['do', 'try', 'branches'].includes(String(path.at(-1))))
      return undefined;
    if (!value.every((item) => isTaskItem(item))) return undefined;
    const task = random.pick<Json>([
      { set: { a: 1, b: '${ .a }', c: 'text ${ .a } text' } },
      { wait: { seconds: 1 } },
      { call: 'http', with: { method: 'get', endpoint: 'https://example.com/{id}' } },
      { do: [{ one: { set: { a: null } } }] },
      { emit: { event: { with: { type: 'com.example.done', source: 'https://example.com' } } } },
      { for: { in: '.items' }, do: [{ one: { set: { a: '${ $item }', i: '${ $index }' } } }] },
    ]);
    const next = [...value, { 'a new step': task }];
    return { value: replaced(definition, path, next), touched: [[...path, value.length]] };
  },
  'unused declaration added': (definition, { path }, random) => {
    if (path.length > 0) return undefined;
    const use = isJsonObject(definition['use']) ? definition['use'] : {};
    const [kind, content] = random.pick<[string, JsonObject]>([
      ['retries', { spare: { delay: { seconds: 1 }, limit: { attempt: { count: 2 } } } }],
      ['errors', { spare: { type: 'https://example.com/e', status: 400 } }],
      ['timeouts', { spare: { after: 'PT1M' } }],
      ['authentications', { spare: { basic: { username: 'a', password: 'b' } } }],
      ['functions', { spare: { set: { a: 1 } } }],
    ]);
    const own = isJsonObject(use[kind]) ? use[kind] : {};
    const next = { ...use, [kind]: { ...own, ...content } };
    return { value: { ...definition, use: next }, touched: [['use', kind, 'spare']] };
  },
};

function withMember(definition: JsonObject, path: Path, key: string, member: Json) {
  const owner = valueAt(definition, path);
  if (!isJsonObject(owner) || Object.hasOwn(owner, key)) return undefined;
  return { value: added(definition, path, key, member), touched: [[...path, key]] };
}

function change(definition: Json, path: Path, next: Json) {
  return { value: replaced(definition, path, next), touched: [path] };
}

/** Renames a step and every `then` of its list that names it. */
function renamedStep(definition: JsonObject, path: Path, from: string, to: string) {
  const owner = path.slice(0, -2);
  const list = valueAt(definition, owner) as Json[];
  const next = list.map((item, index) => {
    const [name = '', task = null] = Object.entries(item as JsonObject)[0] ?? [];
    const pointing = retargeted(task, from, to);
    return { [index === path.at(-2) ? to : name]: pointing };
  });
  return { value: replaced(definition, owner, next), touched: [[...path.slice(0, -1), to]] };
}

function retargeted(task: Json, from: string, to: string): Json {
  let next = task;
  for (const { path, value } of sitesOf(task)) {
    const place = path.map((key) => (typeof key === 'number' ? '#' : key)).join('/');
    const refers = /^(then|switch\/#\/[^/]+\/then|catch\/then)$/.test(place);
    if (refers && value === from) next = replaced(next, path, to);
  }
  return next;
}

/** `$task` would be another one. */
function usesTask(task: Json): boolean {
  return JSON.stringify(task).includes('$task');
}
