import type { Position } from '@parley/contracts';
import { completeAt, hoverAt, LineIndex } from '@parley/dsl';
import { InvalidArgumentError } from 'commander';
import { tableText, type Column } from '../output/table.js';
import { safeText } from '../output/text.js';
import type { LanguageContext } from './context.js';
import { readOptions, readSource, type ReadingOptions } from './sources.js';

export interface PositionOptions extends ReadingOptions {
  readonly at: Position;
}

/** `12:5` → line 12, column 5. */
export function parsePosition(text: string): Position {
  const found = /^([1-9]\d{0,8}):([1-9]\d{0,8})$/.exec(text);
  if (found === null) {
    throw new InvalidArgumentError('write it as LINE:COLUMN, both counted from 1, e.g. 12:5');
  }
  return { line: Number(found[1]), column: Number(found[2]) };
}

type Item = ReturnType<typeof completeAt>['items'][number];

const columns: readonly Column<Item>[] = [
  { title: 'proposal', value: ({ label }) => label },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'detail', value: ({ detail }) => detail },
];

/** Shows what can be written at a position. */
export async function complete(
  { terminal, print }: LanguageContext,
  file: string,
  options: PositionOptions,
): Promise<void> {
  const given = await readOptions(terminal, options);
  const { source } = await readSource(terminal, file);
  const lines = new LineIndex(source);
  const { from, to, items } = completeAt(source, lines.offset(options.at), given);
  print.value({ range: lines.range({ start: from, end: to }), items }, () =>
    items.length === 0 ? 'Nothing to propose here.' : tableText(columns, items, print.colours),
  );
}

/** Shows what there is to say about a position. */
export async function hover(
  { terminal, print }: LanguageContext,
  file: string,
  options: PositionOptions,
): Promise<void> {
  const given = await readOptions(terminal, options);
  const { source } = await readSource(terminal, file);
  const lines = new LineIndex(source);
  const found = hoverAt(source, lines.offset(options.at), given);
  const answer =
    found === undefined
      ? {}
      : {
          hover: {
            range: lines.range({ start: found.from, end: found.to }),
            markdown: found.markdown,
          },
        };
  print.value(answer, () =>
    safeText(found?.markdown ?? 'There is nothing to say about this place.'),
  );
}
