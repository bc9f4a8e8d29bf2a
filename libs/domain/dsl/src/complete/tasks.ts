import type { CatalogueConnector, Operation } from '@parley/contracts';
import { inputsOf } from '../check/operation-inputs.js';
import { task, type Variant } from '../language/index.js';
import { minimalLines } from './minimal.js';
import { namesIn, quoted, type Completion, type Site } from './proposal.js';

/** Snippets of connector operations; with more of them, the list is of no use. */
const operationSnippetsMax = 100;

/** Whole tasks, each the least that is well-formed, as an item of the list that the cursor is in. */
export function taskSnippets(
  site: Site,
  list: Site['cursor']['node'],
  withDash: boolean,
): Completion[] {
  const taken = new Set(namesIn(list));
  const { column } = site.cursor;
  const write = (name: string, body: readonly string[]) => {
    const key = quoted(freshName(name, taken), 'yaml');
    const inner = ' '.repeat(column + (withDash ? 4 : 2));
    const dash = withDash ? '- ' : '';
    return `${dash}${key}:\n${body.map((line) => inner + line).join('\n')}`;
  };
  const variants = task.variants.filter(
    ({ name }) => name !== 'call' && name !== 'call: connector',
  );
  const kinds = variants.map((variant) => ({
    label: variant.name,
    kind: 'snippet' as const,
    detail: 'new task',
    documentation: variant.doc,
    insertText: write(nameFor(variant), bodyOf(variant)),
  }));
  const operations = (site.options.catalogue?.connectors ?? []).flatMap((connector) =>
    connector.operations.map((operation) => ({ connector, operation })),
  );
  return [
    ...kinds,
    ...operations.slice(0, operationSnippetsMax).map(({ connector, operation }) => ({
      label: `${connector.name}.${operation.id}`,
      kind: 'snippet' as const,
      detail: `${operation.method} ${operation.path}`,
      documentation: operationDoc(connector, operation),
      insertText: write(operation.id, connectorBody(connector, operation)),
    })),
  ];
}

function freshName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  let count = 2;
  while (taken.has(`${wanted}${count}`)) count += 1;
  return `${wanted}${count}`;
}

/** `call: http` → `callHttp`. */
function nameFor({ name }: Variant): string {
  return name.replaceAll(/[^a-z0-9]+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}

/** The members that make a task one of its kind. */
export function bodyOf({ name, shape }: Variant): string[] {
  const called = name.startsWith('call: ') ? name.slice(6) : undefined;
  return minimalLines(shape).map((line) =>
    called !== undefined && line.startsWith('call: ') ? name : line,
  );
}

function connectorBody(connector: CatalogueConnector, operation: Operation): string[] {
  const inputs = inputsOf(operation).filter(({ required }) => required);
  return [
    'call: connector',
    'with:',
    `  connector: ${quoted(connector.name, 'yaml')}`,
    `  operation: ${quoted(operation.id, 'yaml')}`,
    ...(inputs.length === 0 ? [] : ['  input:']),
    ...inputs.map(({ name }) => `    ${quoted(name, 'yaml')}: \${ ${pathOf(name)} }`),
  ];
}

function pathOf(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `.[${JSON.stringify(name)}]`;
}

/** What an operation is, as Markdown. */
export function operationDoc(connector: CatalogueConnector, operation: Operation): string {
  const { method, path, summary, description, deprecated } = operation;
  const inputs = inputsOf(operation);
  const rows = inputs.map(
    ({ name, in: place, required, description: about }) =>
      `- \`${name}\` (${place}${required ? ', required' : ''})${about === undefined ? '' : `: ${firstSentence(about)}`}`,
  );
  return [
    `**${connector.title}** \`${method} ${path}\`${deprecated ? ' (deprecated)' : ''}`,
    summary ?? '',
    description === undefined || description === summary ? '' : description,
    rows.join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
}
