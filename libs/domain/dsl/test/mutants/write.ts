import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';

/** Where a value stands in the text, from its key (when it has one) to its end. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** A definition as text, with the place of every value by JSON Pointer. */
export interface Written {
  readonly text: string;
  readonly extents: ReadonlyMap<string, Extent>;
}

export type Layout = 'json' | 'yaml';

/** Writes a value; made apart from the product's own writer, because it serves as its judge. */
export function write(value: Json, layout: Layout): Written {
  const writer = new Writer();
  if (layout === 'json') writer.json(value, '', 0);
  else writer.yaml(value, '', 0);
  return { text: `${writer.text}\n`, extents: writer.extents };
}

/** One token of a JSON Pointer. */
export function token(key: string | number): string {
  return String(key).replaceAll('~', '~0').replaceAll('/', '~1');
}

class Writer {
  text = '';
  readonly extents = new Map<string, Extent>();

  json(value: Json, pointer: string, depth: number): void {
    const start = this.text.length;
    const inner = '  '.repeat(depth + 1);
    const close = `\n${'  '.repeat(depth)}`;
    if (Array.isArray(value) && value.length > 0) {
      for (const [index, item] of value.entries()) {
        this.text += `${index === 0 ? '[' : ','}\n${inner}`;
        this.json(item, `${pointer}/${index}`, depth + 1);
      }
      this.text += `${close}]`;
    } else if (isJsonObject(value) && Object.keys(value).length > 0) {
      for (const [index, [key, member]] of Object.entries(value).entries()) {
        this.text += `${index === 0 ? '{' : ','}\n${inner}`;
        const keyStart = this.text.length;
        this.text += `${JSON.stringify(key)}: `;
        this.json(member, `${pointer}/${token(key)}`, depth + 1);
        this.extents.set(`${pointer}/${token(key)}`, { start: keyStart, end: this.text.length });
      }
      this.text += `${close}}`;
    } else this.text += JSON.stringify(value);
    if (!this.extents.has(pointer)) this.extents.set(pointer, { start, end: this.text.length });
  }

  yaml(value: Json, pointer: string, depth: number): void {
    const start = this.text.length;
    if (Array.isArray(value) && value.length > 0) this.yamlList(value, pointer, depth);
    else if (isJsonObject(value) && Object.keys(value).length > 0) {
      this.yamlMap(value, pointer, depth);
    } else this.text += JSON.stringify(value);
    if (!this.extents.has(pointer)) this.extents.set(pointer, { start, end: this.text.length });
  }

  private yamlList(items: readonly Json[], pointer: string, depth: number): void {
    for (const [index, item] of items.entries()) {
      if (index > 0) this.text += `\n${'  '.repeat(depth)}`;
      this.text += '- ';
      const start = this.text.length;
      this.yaml(item, `${pointer}/${index}`, depth + 1);
      this.extents.set(`${pointer}/${index}`, { start, end: this.text.length });
    }
  }

  private yamlMap(map: JsonObject, pointer: string, depth: number): void {
    for (const [index, [key, member]] of Object.entries(map).entries()) {
      if (index > 0) this.text += `\n${'  '.repeat(depth)}`;
      const start = this.text.length;
      this.text += `${plainKey(key)}:`;
      const nested = typeof member === 'object' && member !== null && size(member) > 0;
      this.text += nested ? `\n${'  '.repeat(depth + 1)}` : ' ';
      this.yaml(member, `${pointer}/${token(key)}`, nested ? depth + 1 : depth);
      this.extents.set(`${pointer}/${token(key)}`, { start, end: this.text.length });
    }
  }
}

function size(value: Json[] | JsonObject): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function plainKey(key: string): string {
  const plain =
    /^[A-Za-z_][\w-]*$/.test(key) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(key);
  return plain ? key : JSON.stringify(key);
}
