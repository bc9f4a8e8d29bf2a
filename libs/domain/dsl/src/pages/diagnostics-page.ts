import { codes, type CodeRow } from '../diagnostics/codes.js';
import { suggestionCodes, type SuggestionRow } from '../suggest/codes.js';
import { example, page, table } from './markdown.js';

const intro = `Every code that \`parley dsl validate\`, the REST API and the editor give. A code stays what it is; the
words of a message may get better. One mistake gives one error, at its place.`;

const advice = `What \`parley dsl suggest\` says about definitions that are right. Nothing of it keeps a definition
from being used.`;

/** The page about all diagnostics and suggestions, as Markdown. */
export function diagnosticsPage(): string {
  const rows = Object.entries<CodeRow>(codes);
  const suggestions = Object.entries<SuggestionRow>(suggestionCodes);
  return page([
    '# Diagnostics',
    intro,
    table(
      ['Code', 'Severity', 'What it means'],
      rows.map(([name, { severity, title }]) => [link(name), severity, title]),
    ),
    ...rows.flatMap(([name, row]) => diagnostic(name, row)),
    '## Suggestions',
    advice,
    table(
      ['Code', 'What it means'],
      suggestions.map(([name, { title }]) => [link(name), title]),
    ),
    ...suggestions.flatMap(([name, row]) => suggestion(name, row)),
  ]);
}

function link(name: string): string {
  return `[${name}](#${name.toLowerCase()})`;
}

function diagnostic(name: string, row: CodeRow): string[] {
  const { title, severity, cure } = row;
  const shown = row.example === '' ? 'an empty text' : row.example;
  const isText = row.words === true || row.example === '';
  return [
    `### ${name}`,
    `${title} (${severity}).`,
    isText ? `Example: ${shown}.` : example(shown),
    `Cure: ${cure}`,
  ];
}

function suggestion(name: string, row: SuggestionRow): string[] {
  return [`### ${name}`, `${row.title}.`, example(row.example), `${row.why} Cure: ${row.cure}`];
}
