import { variableDocs } from '../expressions/variables.js';
import {
  commonMembers,
  shapeOf,
  task,
  workflow,
  type Member,
  type ObjectShape,
  type Shape,
} from '../language/index.js';
import { anchorOf, code, page, table } from './markdown.js';

const intro = `Every object of the language and its members, in the order in which they are best written. The
language is the Open Workflow DSL 1.0.3; what Parley adds are functions to call. Required members are marked with a
star.`;

const texts = `What texts may hold: an _expression_ is a jq program, bare or in \`\${ }\`; a _condition_ is one whose result
counts as true or false; in all other values, texts may hold expressions in \`\${ }\`. \`$\${\` stands for \`\${\` itself.`;

/** The page about the whole language, as Markdown. */
export function referencePage(): string {
  const reference = new Reference();
  reference.visit(workflow);
  return page([
    '# Language reference',
    intro,
    texts,
    '## Variables',
    table(
      ['Variable', 'What it holds'],
      Object.entries(variableDocs).map(([name, doc]) => [code(`$${name}`), doc]),
    ),
    '## Tasks',
    'What a task does is said by its keyword, and for calls by the function.',
    table(
      ['Task', 'What it does'],
      task.variants.map(({ name, doc }) => [reference.link(name), doc]),
    ),
    '## Every task',
    'Members that every task may have, whatever it does.',
    reference.members(commonMembers, []),
    ...reference.sections(),
  ]);
}

/** Collects the objects that a shape leads to, each once, the outer ones first. */
class Reference {
  private readonly headings = new Map<ObjectShape, string>();
  private readonly used = new Set(['Language reference', 'Variables', 'Tasks', 'Every task']);

  visit(shape: Shape, name?: string): void {
    switch (shape.kind) {
      case 'object':
        return this.visitObject(shape, name ?? shape.title);
      case 'select':
        for (const variant of shape.variants) this.visit(variant.shape, variant.name);
        return;
      case 'either':
        for (const option of shape.options) this.visit(shapeOf(option));
        return;
      case 'list':
        return this.visit(shapeOf(shape.items));
      case 'map':
        return this.visit(shapeOf(shape.values));
      case 'entry':
        return this.visit(shapeOf(shape.value));
      default:
        return;
    }
  }

  sections(): string[] {
    return [...this.headings].flatMap(([shape, heading]) => this.section(shape, heading));
  }

  members(members: Readonly<Record<string, Member>>, required: readonly string[]): string {
    return table(
      ['Member', 'Value', 'Default', 'What it says'],
      Object.entries(members).map(([name, member]) => [
        code(name) + (required.includes(name) ? ' \\*' : ''),
        this.words(shapeOf(member.shape)),
        member.default === undefined ? '' : code(JSON.stringify(member.default)),
        member.doc + (member.example === undefined ? '' : ` Example: ${code(member.example)}`),
      ]),
    );
  }

  link(name: string): string {
    return `[${name}](#${anchorOf(headingOf(name))})`;
  }

  private visitObject(shape: ObjectShape, name: string): void {
    if (this.headings.has(shape)) return;
    this.headings.set(shape, this.unused(name));
    for (const member of Object.values(shape.members)) this.visit(shapeOf(member.shape));
  }

  private unused(name: string): string {
    const heading = headingOf(name);
    let free = heading;
    for (let count = 2; this.used.has(free); count += 1) free = `${heading} (${String(count)})`;
    this.used.add(free);
    return free;
  }

  private section(shape: ObjectShape, heading: string): string[] {
    const own = Object.entries(shape.members).filter(
      ([name]) => shape.task !== true || !Object.hasOwn(commonMembers, name),
    );
    return [
      `## ${heading}`,
      shape.doc,
      own.length === 0 ? '' : this.members(Object.fromEntries(own), shape.required),
      this.rules(shape),
    ];
  }

  /** What the table of members cannot say. */
  private rules({ choices, alone, open, binds, task }: ObjectShape): string {
    const rules = choices.map(
      ({ of, optional }) =>
        `${optional === true ? 'At most' : 'Exactly'} one of ${of.map(code).join(', ')} is there.`,
    );
    if (alone !== undefined) rules.push(`With ${code(alone.member)} nothing else is there.`);
    if (open !== undefined) rules.push(`Other members are allowed: ${this.words(shapeOf(open))}.`);
    for (const { usual, from, doc, seenBy } of binds) {
      const seen = seenBy.map(code).join(', ');
      rules.push(
        `The variable ${code(`$${usual}`)} (named by ${code(from.join('.'))}) is seen by ${seen}: ${doc}`,
      );
    }
    if (task === true) rules.push('The members of [every task](#every-task) may be there, too.');
    return rules.map((rule) => `- ${rule}`).join('\n');
  }

  private words(shape: Shape): string {
    switch (shape.kind) {
      case 'object': {
        const heading = this.headings.get(shape);
        return heading === undefined ? shape.title : `[${shape.title}](#${anchorOf(heading)})`;
      }
      case 'select':
        return shape.title;
      case 'either':
        return [...new Set(shape.options.map((option) => this.words(shapeOf(option))))].join(
          ' or ',
        );
      case 'list':
        return `list of ${this.words(shapeOf(shape.items))}`;
      case 'map':
        return `${this.words(shapeOf(shape.values))} by name`;
      case 'entry':
        return `name: ${this.words(shapeOf(shape.value))}`;
      case 'text':
        return shape.values === undefined
          ? (shape.wants ?? shape.title)
          : shape.values.map(code).join(', ');
      case 'integer':
        return limits(shape.title, shape.min, shape.max);
      case 'boolean':
        return '`true` or `false`';
      case 'any':
        return shape.title;
    }
  }
}

function headingOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function limits(title: string, min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return `${title}, ${String(min)} to ${String(max)}`;
  return min === undefined ? title : `${title}, at least ${String(min)}`;
}
