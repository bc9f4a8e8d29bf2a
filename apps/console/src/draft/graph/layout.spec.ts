import { describe, expect, it } from '@jest/globals';
import { compileDefinition, graphOf } from '@parley/dsl';
import { placeGraph, type PlacedGraph, type PlacedNode } from './layout';

const source = `
document: { dsl: '1.0.3', namespace: test, name: shapes, version: 1.0.0 }
do:
  - first: { set: { a: 1 } }
  - choose:
      switch:
        - high: { when: .a > 1, then: both }
        - low: { then: last }
  - both:
      fork:
        branches:
          - left: { wait: PT1S }
          - right:
              do:
                - one: { wait: PT1S }
                - two: { wait: PT2S }
  - each:
      for: { each: item, in: .items }
      do:
        - mark: { set: { b: 2 } }
  - last: { set: { c: 3 } }
`;

function placed(): PlacedGraph {
  const { ir, diagnostics } = compileDefinition(source);
  if (ir === undefined) throw new Error(JSON.stringify(diagnostics));
  return placeGraph(graphOf(ir));
}

function overlap(a: PlacedNode, b: PlacedNode): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe('placeGraph', () => {
  it('places steps of one list beside or below each other, never over each other', () => {
    for (const list of Map.groupBy(placed().nodes, ({ node }) => node.parent).values()) {
      const pairs = list.flatMap((a, at) => list.slice(at + 1).map((b) => [a, b] as const));
      expect(pairs.filter(([a, b]) => overlap(a, b))).toEqual([]);
    }
  });

  it('keeps steps inside the box of the step that holds them', () => {
    const { nodes } = placed();
    const boxes = new Map(nodes.map((box) => [box.node.id, box]));
    const outside = nodes.filter(({ node, x, y, width, height }) => {
      const box = boxes.get(node.parent ?? '');
      if (box === undefined) return false;
      return x < 0 || y < 0 || x + width > box.width || y + height > box.height;
    });
    expect(outside).toEqual([]);
  });

  it('puts the first case leftmost and lets lines meet boxes above and below only', () => {
    const { nodes, edges } = placed();
    const box = (id: string) => nodes.find(({ node }) => node.id === id)!;
    const cases = edges.filter(({ edge }) => edge.kind === 'case');
    const [high, low] = cases.map(({ labelAt }) => labelAt.x);
    expect(high).toBeLessThan(low!);
    const ends = cases.map(({ edge, points }) => [points.at(-1)?.y, box(edge.to).y]);
    for (const [y, top] of ends) expect(y).toBe(top);
  });

  it('draws every edge, and the same definition always alike', () => {
    const { edges } = placed();
    expect(edges.every(({ points }) => points.length >= 2)).toBe(true);
    expect(edges.every(({ points }) => points.every(({ x, y }) => x >= 0 && y >= 0))).toBe(true);
    expect(placed()).toEqual(placed());
  });
});
