import { comments, keys, plains, words } from './random-words.js';

/** A sequence of numbers in [0, 1) that depends only on the seed. */
export type Random = () => number;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pick<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0];
}

/** Writes definitions in every manner that people, tools and languages do. */
class Writer {
  private readonly random: Random;
  private readonly newline: string;

  constructor(random: Random) {
    this.random = random;
    this.newline = random() < 0.1 ? '\r\n' : '\n';
  }

  document(): string {
    const head = this.chance(0.1) ? `${this.filler(0)}---${this.comment()}\n` : this.filler(0);
    const body = this.chance(0.15) ? `${this.flow(0, 0)}\n` : this.block(0, 0).replace(/^\n/, '');
    const tail = this.chance(0.1) ? `...\n${this.filler(0)}` : '';
    const text = head + body + tail;
    const cut = this.chance(0.1) ? text.replace(/\n$/, '') : text;
    return cut.replaceAll('\n', this.newline);
  }

  /** A block collection that begins with a line break, its lines indented by `column`. */
  private block(column: number, depth: number): string {
    return `\n${this.lines(column, depth)}`;
  }

  private lines(column: number, depth: number): string {
    const isMap = this.chance(0.6);
    const used = new Set<string>();
    let text = '';
    for (let count = Math.floor(this.random() * 4) + 1; count > 0; count -= 1) {
      text += this.filler(column) + ' '.repeat(column);
      if (!isMap) {
        text += `-${this.item(column, depth)}`;
        continue;
      }
      let key = pick(this.random, keys as unknown as [string]);
      while (used.has(key)) key += '1';
      used.add(key);
      text += `${this.key(key)}${this.chance(0.05) ? ' ' : ''}:${this.value(column, depth)}`;
    }
    return text;
  }

  private key(key: string): string {
    if (this.chance(0.1)) return JSON.stringify(key);
    return this.chance(0.1) ? `'${key.replaceAll("'", "''")}'` : key;
  }

  /** What follows a colon, to the end of its line or lines. */
  private value(column: number, depth: number): string {
    if (depth < 4 && this.chance(0.35)) {
      const deeper = column + 1 + Math.floor(this.random() * 4);
      if (this.chance(0.3)) return `${this.comment()}\n${this.listLines(column, depth + 1)}`;
      return `${this.comment()}${this.block(deeper, depth + 1)}`;
    }
    if (this.chance(0.05)) return `${this.comment()}\n`;
    if (this.chance(0.05)) return `\n${' '.repeat(column + 1)}${this.scalar(column)}`;
    return ` ${' '.repeat(this.chance(0.1) ? 2 : 0)}${this.scalar(column)}`;
  }

  private listLines(column: number, depth: number): string {
    let text = '';
    for (let count = Math.floor(this.random() * 3) + 1; count > 0; count -= 1) {
      text += `${this.filler(column)}${' '.repeat(column)}-${this.item(column, depth)}`;
    }
    return text;
  }

  private item(column: number, depth: number): string {
    if (depth < 4 && this.chance(0.4)) {
      const gap = 1 + Math.floor(this.random() * 3);
      const inner = this.lines(column + 1 + gap, depth + 1);
      // A compact collection begins behind its dash.
      const compact = inner.replace(/^(?: *#[^\n]*\n|\s*\n)*/, '');
      if (this.chance(0.8)) return ' '.repeat(gap) + compact.trimStart();
      return `${this.comment()}\n${inner}`;
    }
    if (this.chance(0.05)) return `${this.comment()}\n`;
    return ` ${this.scalar(column)}`;
  }

  /** A scalar or a flow collection with the end of its line; its lines are deeper than `column`. */
  private scalar(column: number): string {
    const deeper = ' '.repeat(column + 1 + Math.floor(this.random() * 3));
    const choice = this.random();
    if (choice < 0.45) return `${pick(this.random, plains as unknown as [string])}${this.end()}`;
    if (choice < 0.55) return this.quoted(deeper) + this.end();
    if (choice < 0.63) return `${this.words(`\n${deeper}`, 3)}${this.end()}`;
    if (choice < 0.8) return this.flow(0, column + 1) + this.end();
    return this.blockText(column, deeper);
  }

  private quoted(deeper: string): string {
    const text = this.words(this.chance(0.3) ? `\n${deeper}` : ' ', 3);
    if (this.chance(0.5)) return `'${text.replaceAll("'", "''")}'`;
    const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
    const extra = [
      '',
      '\\n',
      '\\u00e9',
      '\\x41',
      ' \\\n  '.trimEnd() + deeper,
      '\\t',
      '\\/',
      '\\ud83d\\ude00',
      '\\U0001F600 ',
    ];
    return `"${escaped}${pick(this.random, extra as [string])}${this.chance(0.1) ? '  ' : ''}"`;
  }

  private words(separator: string, max: number): string {
    const count = 1 + Math.floor(this.random() * max);
    const list = Array.from({ length: count }, () =>
      pick(this.random, words as unknown as [string]),
    );
    const between = this.chance(0.1) && separator.includes('\n') ? `\n${separator}` : separator;
    return list
      .map((word) => (word.startsWith('"') || word.startsWith("'") ? `w${word}` : word))
      .join(between);
  }

  private blockText(column: number, deeper: string): string {
    const indent = deeper.length - Math.max(column, 0);
    const written = this.chance(0.15) && indent < 10 ? String(indent) : '';
    const header = `${pick(this.random, ['|', '>'])}${written}${pick(this.random, ['', '', '-', '+'])}${this.comment()}\n`;
    let text = header;
    for (let count = 1 + Math.floor(this.random() * 5); count > 0; count -= 1) {
      const choice = this.random();
      if (choice < 0.2) text += '\n';
      else if (choice < 0.25) text += `${deeper}\n`;
      else {
        const more = choice < 0.4 ? ' '.repeat(Math.floor(this.random() * 3)) : '';
        text += `${deeper}${more}${this.words(' ', 3)}${choice > 0.95 ? '  ' : ''}\n`;
      }
    }
    return `${text}${deeper}end\n${'\n'.repeat(this.chance(0.2) ? 2 : 0)}`;
  }

  private flow(depth: number, column: number): string {
    const isMap = this.chance(0.5);
    const broken = this.chance(0.3);
    const gap = broken
      ? `\n${' '.repeat(column + depth)}`
      : pick(this.random, ['', ' ', ' ', '  ']);
    const items: string[] = [];
    for (let count = Math.floor(this.random() * 4); count > 0; count -= 1) {
      const value =
        depth < 3 && this.chance(0.3) ? this.flow(depth + 1, column) : this.flowScalar();
      const key = `k${items.length}`;
      const quoted = this.chance(0.5);
      const entry = quoted ? `"${key}":${this.chance(0.5) ? ' ' : ''}${value}` : `${key}: ${value}`;
      items.push(isMap ? entry : value);
    }
    const comma = items.length > 0 && this.chance(0.1) ? ',' : '';
    const note = broken && this.chance(0.2) ? ' # note' : '';
    const inner = gap + items.join(`,${note}${gap === '' ? ' ' : gap}`) + comma + gap;
    return isMap ? `{${inner}}` : `[${inner}]`;
  }

  private flowScalar(): string {
    const plain = pick(this.random, plains as unknown as [string]);
    if (this.chance(0.4)) return JSON.stringify(plain);
    return /[,[\]{}]/.test(plain) ? `'${plain}'` : plain;
  }

  private filler(column: number): string {
    if (this.chance(0.85)) return '';
    const blank = this.chance(0.3) ? '   \n' : '\n';
    return this.chance(0.5)
      ? blank
      : `${' '.repeat(this.chance(0.1) ? 0 : column)}${pick(this.random, comments)}\n`;
  }

  private comment(): string {
    return this.chance(0.1) ? ` ${pick(this.random, comments)}` : '';
  }

  private end(): string {
    return `${this.comment()}${this.chance(0.05) ? '  ' : ''}\n`;
  }

  private chance(probability: number): boolean {
    return this.random() < probability;
  }
}

/** A text that is mostly readable. */
export function randomText(random: Random): string {
  return new Writer(random).document();
}

const pieces = [
  ...[
    ' ',
    '  ',
    '\n',
    '\t',
    ':',
    ': ',
    '- ',
    '-',
    '#',
    ' #',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    '|',
    '>',
    '&a ',
    '*a',
  ],
  ...[
    '!',
    '!!str ',
    '%',
    '@',
    '`',
    '? ',
    '---\n',
    '...\n',
    '\r',
    '\r\n',
    '\\',
    '\u00a0',
    '\ufeff',
    'x',
    '0',
    '~',
    '<<: ',
  ],
] as const;

/** The text with up to three small accidents. */
export function mutated(text: string, random: Random): string {
  let result = text;
  for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) {
    const at = Math.floor(random() * (result.length + 1));
    const length = random() < 0.5 ? 0 : Math.floor(random() * 4);
    const inserted = random() < 0.7 ? pick(random, pieces as unknown as [string]) : '';
    result = result.slice(0, at) + inserted + result.slice(at + length);
  }
  return result;
}
