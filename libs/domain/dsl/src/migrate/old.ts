import type { Json } from '@parley/kernel';
import { toJson, type MapNode, type SourceNode } from '../source/tree.js';

/** A node of the old definition that remembers which of its members were asked for. */
export class Old {
  readonly node: SourceNode;
  private readonly asked: Map<MapNode, Set<string>>;

  constructor(node: SourceNode, asked: Map<MapNode, Set<string>> = new Map()) {
    this.node = node;
    this.asked = asked;
  }

  get pointer(): string {
    return this.node.pointer;
  }

  get json(): Json {
    return toJson(this.node);
  }

  get isMap(): boolean {
    return this.node.kind === 'map';
  }

  /** The text of a scalar. */
  get words(): string | undefined {
    const { node } = this;
    if (node.kind !== 'scalar' || node.value === null) return undefined;
    return String(node.value);
  }

  member(key: string): Old | undefined {
    if (this.node.kind !== 'map') return undefined;
    this.asked.set(this.node, (this.asked.get(this.node) ?? new Set()).add(key));
    const entry = this.node.entries.find((candidate) => candidate.key === key);
    return entry && new Old(entry.value, this.asked);
  }

  text(key: string): string | undefined {
    return this.member(key)?.words;
  }

  flag(key: string): boolean {
    const node = this.member(key)?.node;
    return node?.kind === 'scalar' && node.value === true;
  }

  /** The items of a list; what is no list has none. */
  items(key: string): Old[] {
    const node = this.member(key)?.node;
    return node?.kind === 'list' ? node.items.map((item) => new Old(item, this.asked)) : [];
  }

  /** The texts of a list. */
  texts(key: string): string[] {
    return this.items(key).flatMap((item) => item.words ?? []);
  }

  /** Nothing of it is left over. */
  takeAll(): void {
    if (this.node.kind === 'map') for (const { key } of this.node.entries) this.member(key);
  }

  /** Nothing was asked for but the name. */
  get isUnused(): boolean {
    const keys = this.node.kind === 'map' ? this.asked.get(this.node) : undefined;
    return keys === undefined || keys.size === 1;
  }

  /** Members that nobody asked for, of all the objects that were looked into. */
  leftOver(): { readonly pointer: string; readonly key: string }[] {
    return [...this.asked].flatMap(([map, keys]) =>
      map.entries
        .filter(({ key }) => !keys.has(key))
        .map(({ key, value }) => ({ pointer: value.pointer, key })),
    );
  }
}
