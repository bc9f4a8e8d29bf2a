import type { Terminal } from '../terminal.js';
import { tableText, type Column } from './table.js';

export const formats = ['table', 'json'] as const;
export type Format = (typeof formats)[number];

/** How one command shows its result: as JSON for programs, as text for people. */
export class Printer {
  readonly format: Format;
  readonly colours: boolean;
  private readonly terminal: Terminal;

  constructor(terminal: Terminal, format: Format) {
    this.terminal = terminal;
    this.format = format;
    this.colours = terminal.isTty && !terminal.env.NO_COLOR && terminal.env.TERM !== 'dumb';
  }

  /** One thing. */
  value(value: unknown, text: () => string): void {
    this.write(this.format === 'json' ? JSON.stringify(value, undefined, 2) : text());
  }

  /** A list, as the API gives it: `{ "items": [...] }`. */
  list<T>(items: readonly T[], columns: readonly Column<T>[], empty: string): void {
    if (this.format === 'json') this.write(JSON.stringify({ items }, undefined, 2));
    else if (items.length === 0) this.note(empty);
    else this.write(tableText(columns, items, this.colours));
  }

  /** One line of a stream: one JSON document per line, or text. */
  line(value: unknown, text: () => string): void {
    this.write(this.format === 'json' ? JSON.stringify(value) : text());
  }

  /** Said to the person only. */
  note(text: string): void {
    this.terminal.err(`${text}\n`);
  }

  private write(text: string): void {
    this.terminal.out(`${text}\n`);
  }
}
