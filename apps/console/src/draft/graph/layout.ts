import { Graph, layout as runDagre } from '@dagrejs/dagre';
import type { DefinitionGraph, GraphEdge, GraphNode } from '@parley/contracts';

/**
 * Places the picture of a definition. Every list of steps is laid out by itself, from the innermost
 * outwards: a step with steps inside is one box to the list that it stands in. Document order in, so
 * the same definition always looks the same.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedNode {
  readonly node: GraphNode;
  /** Relative to the box that it stands in. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly isGroup: boolean;
}

export interface PlacedEdge {
  readonly edge: GraphEdge;
  /** From the first to the last, in the coordinates of the whole picture. */
  readonly points: readonly Point[];
  readonly labelAt: Point;
}

export interface PlacedGraph {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

const leaf = { width: 248, height: 60 };
const mark = { width: 76, height: 32 };
const groupHeader = 60;
const groupPadding = 20;
const entryGap = 30;
const separation = { nodesep: 28, ranksep: 42, edgesep: 16 };
const labelCharacterWidth = 7;
const labelHeight = 22;
/** How far lines stay away from the corners of boxes. */
const cornerGap = 24;

interface Box {
  width: number;
  height: number;
}

interface Scope extends Box {
  places: Map<string, Point & Box>;
  routes: Map<string, { points: Point[]; labelAt: Point }>;
}

class Layout {
  private readonly nodes: ReadonlyMap<string, GraphNode>;
  private readonly children: Map<string | undefined, GraphNode[]>;
  private readonly graph: DefinitionGraph;
  readonly scopes = new Map<string | undefined, Scope>();

  constructor(graph: DefinitionGraph) {
    this.graph = graph;
    this.nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    this.children = Map.groupBy(graph.nodes, ({ parent }) => parent);
  }

  isGroup(id: string): boolean {
    return this.children.has(id);
  }

  /** The box of a scope that holds a node, at whatever depth. */
  private within(scope: string | undefined, id: string): string | undefined {
    let node = this.nodes.get(id);
    while (node !== undefined && node.parent !== scope) {
      node = node.parent === undefined ? undefined : this.nodes.get(node.parent);
    }
    return node?.id;
  }

  place(scope: string | undefined): Scope {
    const dagre = new Graph({ multigraph: true });
    dagre.setGraph({ rankdir: 'TB', rankalign: 'top', ...separation });
    for (const node of this.children.get(scope) ?? []) {
      dagre.setNode(node.id, this.sizeOf(node));
    }
    for (const edge of this.graph.edges) this.addEdge(dagre, scope, edge);
    runDagre(dagre, { customOrder: orderAsWritten });
    const placed = read(dagre);
    this.scopes.set(scope, placed);
    return placed;
  }

  private sizeOf(node: GraphNode): Box {
    if (node.kind === 'start' || node.kind === 'end') return { ...mark };
    if (!this.isGroup(node.id)) return { ...leaf };
    const inner = this.place(node.id);
    return {
      width: Math.max(leaf.width, inner.width) + 2 * groupPadding,
      height: inner.height + groupHeader + entryGap + groupPadding,
    };
  }

  private addEdge(dagre: Graph, scope: string | undefined, edge: GraphEdge): void {
    const [from, to] = [this.within(scope, edge.from), this.within(scope, edge.to)];
    if (from === undefined || to === undefined || from === to) return;
    const label = edge.label ?? '';
    const size =
      label === '' ? {} : { width: label.length * labelCharacterWidth + 12, height: labelHeight };
    dagre.setEdge(from, to, { labelpos: 'c', ...size }, edge.id);
  }

  /** Where a box stands in the whole picture. */
  absolute(id: string): Point & Box {
    const node = this.nodes.get(id);
    const place = this.scopes.get(node?.parent)?.places.get(id);
    if (node === undefined || place === undefined) return { x: 0, y: 0, ...leaf };
    const origin = this.originOf(node.parent);
    return { ...place, x: place.x + origin.x, y: place.y + origin.y };
  }

  /** Where the coordinates of a scope begin. */
  originOf(scope: string | undefined): Point {
    if (scope === undefined) return { x: 0, y: 0 };
    const { x, y } = this.absolute(scope);
    const inset = this.insetOf(scope);
    return { x: x + inset.x, y: y + inset.y };
  }

  /** Where the inside of a group begins: steps narrower than the group stand in its middle. */
  insetOf(scope: string): Point {
    const { width } = this.absoluteSize(scope);
    const inner = this.scopes.get(scope)?.width ?? 0;
    return { x: (width - inner) / 2, y: groupHeader + entryGap };
  }

  private absoluteSize(id: string): Box {
    const parent = this.nodes.get(id)?.parent;
    return this.scopes.get(parent)?.places.get(id) ?? leaf;
  }

  route(edge: GraphEdge): PlacedEdge {
    const common = this.nodes.get(edge.from)?.parent;
    const drawn = this.scopes.get(common)?.routes.get(edge.id);
    const isDirect = common === this.nodes.get(edge.to)?.parent;
    if (drawn !== undefined && isDirect) {
      const origin = this.originOf(common);
      const shift = ({ x, y }: Point) => ({ x: x + origin.x, y: y + origin.y });
      const points = uprightEnds(drawn.points.map(shift), {
        from: this.absolute(edge.from),
        to: this.absolute(edge.to),
      });
      return { edge, points, labelAt: shift(drawn.labelAt) };
    }
    const [from, to] = [this.absolute(edge.from), this.absolute(edge.to)];
    const isEntry = this.nodes.get(edge.to)?.parent === edge.from;
    const start = {
      x: from.x + from.width / 2,
      y: from.y + (isEntry ? groupHeader : from.height),
    };
    const end = { x: to.x + to.width / 2, y: to.y };
    const labelAt = { x: end.x, y: end.y - 14 };
    return { edge, points: [start, end], labelAt };
  }
}

type Order = Parameters<NonNullable<NonNullable<Parameters<typeof runDagre>[1]>['customOrder']>>;

/**
 * Ways out of a step stand side by side as they are written, the first case leftmost. Only where
 * that makes lines cross, dagre may look for another order.
 */
function orderAsWritten(dagre: Order[0], order: Order[1]): void {
  order(dagre, { disableOptimalOrderHeuristic: true });
  const crossings = crossingsIn(dagre);
  if (crossings === 0) return;
  order(dagre);
  if (crossingsIn(dagre) >= crossings) order(dagre, { disableOptimalOrderHeuristic: true });
}

function crossingsIn(dagre: Order[0]): number {
  const lines = dagre.edges().map(({ v, w }) => [dagre.node(v), dagre.node(w)] as const);
  const layers = Map.groupBy(lines, ([from]) => from.rank);
  let count = 0;
  for (const layer of layers.values()) {
    for (const [at, [from, to]] of layer.entries()) {
      for (const [otherFrom, otherTo] of layer.slice(at + 1)) {
        const fromSide = (from.order ?? 0) - (otherFrom.order ?? 0);
        if (fromSide * ((to.order ?? 0) - (otherTo.order ?? 0)) < 0) count += 1;
      }
    }
  }
  return count;
}

/** Lines begin and end at the upper and lower sides of boxes, never at the left or right. */
function uprightEnds(points: Point[], ends: { from: Point & Box; to: Point & Box }): Point[] {
  const [first, second] = points;
  const [beforeLast, last] = points.slice(-2);
  if (first === undefined || second === undefined) return points;
  if (beforeLast === undefined || last === undefined) return points;
  return [
    endAt(ends.from, first, second),
    ...points.slice(1, -1),
    endAt(ends.to, last, beforeLast),
  ];
}

function endAt(box: Point & Box, end: Point, neighbour: Point): Point {
  const x = Math.min(Math.max(end.x, box.x + cornerGap), box.x + box.width - cornerGap);
  if (neighbour.y <= box.y) return { x, y: box.y };
  if (neighbour.y >= box.y + box.height) return { x, y: box.y + box.height };
  return end;
}

function read(dagre: Graph): Scope {
  const { width = 0, height = 0 } = dagre.graph() as Partial<Box>;
  const places = new Map(
    dagre.nodes().map((id) => {
      const box = dagre.node(id) as Point & Box;
      return [id, { ...box, x: box.x - box.width / 2, y: box.y - box.height / 2 }];
    }),
  );
  const routes = new Map(
    dagre.edges().map((reference) => {
      const { points, x, y } = dagre.edge(reference) as { points: Point[] } & Partial<Point>;
      const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
      const labelAt = x === undefined || y === undefined ? middle : { x, y };
      return [reference.name ?? '', { points, labelAt }];
    }),
  );
  return { width, height, places, routes };
}

export function placeGraph(graph: DefinitionGraph): PlacedGraph {
  const layout = new Layout(graph);
  const { width, height } = layout.place(undefined);
  const nodes = graph.nodes.map((node): PlacedNode => {
    const place = layout.scopes.get(node.parent)?.places.get(node.id);
    const box = place ?? { x: 0, y: 0, ...leaf };
    const inset = node.parent === undefined ? { x: 0, y: 0 } : layout.insetOf(node.parent);
    return {
      node,
      x: box.x + inset.x,
      y: box.y + inset.y,
      width: box.width,
      height: box.height,
      isGroup: layout.isGroup(node.id),
    };
  });
  return { nodes, edges: graph.edges.map((edge) => layout.route(edge)), width, height };
}

/** A line through the points that leaves and arrives upright. */
export function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let from = first;
  let path = `M ${String(from.x)} ${String(from.y)}`;
  for (const to of rest) {
    const middle = (from.y + to.y) / 2;
    path += ` C ${[from.x, middle, to.x, middle, to.x, to.y].map(String).join(' ')}`;
    from = to;
  }
  return path;
}
