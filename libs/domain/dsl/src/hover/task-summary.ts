import { operationOf } from '../complete/catalogue.js';
import { operationDoc } from '../complete/tasks.js';
import { namesIn, type Site } from '../complete/proposal.js';
import { functionName, settle, task, taskKeywords } from '../language/index.js';
import { memberOf, textOf, type SourceNode } from '../source/tree.js';

/** Names shown of the tasks inside a task. */
const namesMax = 8;

/** What a task does, in a few lines of Markdown. */
export function taskSummary(name: string, node: SourceNode, { options }: Site): string {
  const shape = settle(task, node);
  const found = operationOf(node, options.catalogue?.connectors ?? []);
  const parts = [
    `**${name}** · ${keywordOf(node)}`,
    found === undefined
      ? shape.kind === 'object'
        ? shape.doc
        : ''
      : operationDoc(found.connector, found.operation),
    facts(node),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function keywordOf(node: SourceNode): string {
  const called = textOf(memberOf(node, 'call'));
  if (called !== undefined) return `\`call: ${functionName(called)}\``;
  const keyword = memberOf(node, 'for') ? 'for' : taskKeywords.find((word) => memberOf(node, word));
  return keyword === undefined ? 'task' : `\`${keyword}\``;
}

function facts(node: SourceNode): string {
  const rows: string[] = [];
  const row = (label: string, value: string | undefined) => {
    if (value !== undefined)
      rows.push(`- ${label} \`${value.replaceAll(/\s+/g, ' ').slice(0, 120)}\``);
  };
  row('only if', textOf(memberOf(node, 'if')));
  const given = memberOf(node, 'with');
  row('title', textOf(memberOf(given, 'title')));
  const endpoint = memberOf(given, 'endpoint');
  row(
    (textOf(memberOf(given, 'method')) ?? 'at').toUpperCase(),
    textOf(endpoint) ?? textOf(memberOf(endpoint, 'uri')),
  );
  row('for each of', textOf(memberOf(memberOf(node, 'for'), 'in')));
  row('waits', textOf(memberOf(node, 'wait')));
  for (const list of [
    memberOf(node, 'do'),
    memberOf(node, 'try'),
    memberOf(memberOf(node, 'fork'), 'branches'),
  ]) {
    const names = namesIn(list);
    if (names.length === 0) continue;
    const more = names.length > namesMax ? `, and ${names.length - namesMax} more` : '';
    rows.push(
      `- ${names
        .slice(0, namesMax)
        .map((name) => `\`${name}\``)
        .join(', ')}${more}`,
    );
  }
  row('then', textOf(memberOf(node, 'then')));
  return rows.join('\n');
}
