import { oneLine, padEnd, widthOf } from './text.js';

export interface Column<T> {
  readonly title: string;
  readonly value: (item: T) => string | number | undefined;
  /** Status words get a colour on a screen. */
  readonly status?: boolean;
}

const gap = '  ';

/** Aligned columns under their titles. */
export function tableText<T>(
  columns: readonly Column<T>[],
  items: readonly T[],
  colours: boolean,
): string {
  const rows = items.map((item) => columns.map(({ value }) => oneLine(String(value(item) ?? ''))));
  const widths = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[at] ?? ''))),
  );
  const lineOf = (cells: readonly string[], paint: boolean) =>
    cells
      .map((cell, at) => {
        const padded = at === cells.length - 1 ? cell : padEnd(cell, widths[at] ?? 0);
        return paint && columns[at]?.status === true ? painted(padded) : padded;
      })
      .join(gap)
      .trimEnd();
  const titles = columns.map(({ title }) => title.toUpperCase());
  return [lineOf(titles, false), ...rows.map((row) => lineOf(row, colours))].join('\n');
}

/** One thing as labels and values; what has no value is left out. */
export function detailsText(entries: readonly (readonly [string, string | undefined])[]): string {
  const shown = entries.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(0, ...shown.map(([label]) => widthOf(label)));
  return shown
    .map(([label, value = '']) => {
      const lines = value.split('\n');
      const indent = ' '.repeat(width + gap.length);
      return `${padEnd(label, width)}${gap}${lines.join(`\n${indent}`)}`;
    })
    .join('\n');
}

const colourOf: Readonly<Record<string, number>> = {
  completed: 32,
  approved: 32,
  ready: 32,
  failed: 31,
  rejected: 31,
  waiting: 33,
  suspended: 33,
  pending: 33,
  running: 36,
};

/** A status word in its colour, keeping the padding plain. */
export function painted(text: string): string {
  const colour = colourOf[text.trim()];
  if (colour === undefined) return text;
  const word = text.trimEnd();
  return `\u001b[${colour}m${word}\u001b[0m${text.slice(word.length)}`;
}
