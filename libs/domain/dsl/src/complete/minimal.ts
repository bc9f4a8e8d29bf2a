import { settle, shapeOf, type Member, type ObjectShape, type Shape } from '../language/index.js';
import { a2aArguments } from '../language/protocols.js';

/**
 * The least that an object of the language needs, as lines of YAML: required members, the first of
 * each choice, and what the table gives as examples.
 */
export function minimalLines(shape: ObjectShape): string[] {
  return neededMembers(shape).flatMap((name) => {
    const member = shape.members[name];
    return member === undefined ? [] : memberLines(name, member);
  });
}

/** Examples of the table that name things which only some definitions have. */
const neutral: Readonly<Record<string, string>> = {
  switch: '[{ check: { when: .ok, then: continue } }]',
  catch: '{ retry: { delay: PT3S, limit: { attempt: { count: 5 } } } }',
};

/** Of these, one is needed, and both may be there; the table has no words for that. */
const oneOrBoth = [a2aArguments.members['agentCard']];

/** A member with the least that it needs. */
function memberLines(name: string, member: Member): string[] {
  const example = neutral[name] ?? member.example;
  const shape = settle(member.shape, undefined);
  if (shape.kind === 'list' && shape.tasks !== undefined) {
    return [`${name}:`, '  - first:', '      set: { done: true }'];
  }
  if (shape.kind === 'object' && neededMembers(shape).length > 0 && neutral[name] === undefined) {
    return [`${name}:`, ...minimalLines(shape).map((line) => `  ${line}`)];
  }
  return [example === undefined ? `${name}: ` : `${name}: ${inYaml(example)}`];
}

/** Names of the members that an object cannot do without. */
export function neededMembers(shape: ObjectShape): string[] {
  const chosen = shape.choices
    .filter(
      ({ of, optional }) => optional !== true && !of.some((name) => shape.required.includes(name)),
    )
    .map(({ of }) => of[0] ?? '');
  const otherwise = shape.alone?.otherwise ?? [];
  const names = new Set([...shape.required, ...chosen, ...otherwise]);
  return Object.entries(shape.members).flatMap(([name, member]) =>
    names.has(name) || oneOrBoth.includes(member) ? [name] : [],
  );
}

/** An example as it can stand behind a key: texts that YAML would read otherwise get quotes. */
export function inYaml(example: string): string {
  if (/^[[{'"]/.test(example)) return example;
  const isSafe = !/: |:$| #|^[&*!|>%@`,?#-]/.test(example);
  return isSafe ? example : `'${example.replaceAll("'", "''")}'`;
}

/** Whether a value of a shape stands on lines of its own: an object or a list, and nothing else. */
export function isBlock(shape: Shape): boolean {
  if (shape.kind === 'either') return shape.options.every((option) => isBlock(shapeOf(option)));
  return ['object', 'select', 'map', 'entry', 'list'].includes(shape.kind);
}
