import type { DefinitionChange, DefinitionGraph } from '@parley/contracts';
import {
  BaseEdge,
  Controls,
  EdgeLabelRenderer,
  MarkerType,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Edge,
  type EdgeProps,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useEffect, useMemo, useRef, type RefObject } from 'react';
import { useIsDark } from '../../ui/media';
import styles from './graph-view.module.css';
import { kindLooks } from './kinds';
import { pathThrough, placeGraph, type PlacedEdge, type PlacedGraph, type Point } from './layout';
import { MarkNode, StepNode, type StepFlowNode } from './step-node';

/** Below this scale labels cannot be read: then the picture is as wide as its frame and scrolls. */
const scaleReadable = 0.7;
const scaleMin = 0.4;
const scaleLarge = 0.9;
const scaleMax = 1.1;
const margin = 24;
/** Larger pictures keep only what is in view in the page. */
const nodesRenderedMax = 300;

export interface GraphViewProps {
  readonly graph: DefinitionGraph;
  /** Node id → state of the step in a run. */
  readonly statuses?: Readonly<Record<string, string>>;
  /** Differences to another definition; the steps that they name are marked. */
  readonly changes?: readonly DefinitionChange[];
  /** A step was chosen, by click or by Enter. */
  readonly onChoose?: (node: string) => void;
}

type StepFlowEdge = Edge<{ points: readonly Point[]; labelAt: Point }, 'route'>;

const nodeTypes = { step: StepNode, mark: MarkNode };
const edgeTypes = { route: RouteEdge };

/** The picture of a definition. */
export function GraphView(props: GraphViewProps) {
  return (
    <ReactFlowProvider>
      <Picture {...props} />
    </ReactFlowProvider>
  );
}

function Picture({ graph, statuses, changes, onChoose }: GraphViewProps) {
  const isDark = useIsDark();
  const placed = useMemo(() => placeGraph(graph), [graph]);
  const nodes = useMemo(
    () => flowNodes(placed, statuses ?? {}, changes ?? []),
    [placed, statuses, changes],
  );
  const edges = useMemo(() => placed.edges.map(flowEdge), [placed]);
  const frame = useRef<HTMLDivElement>(null);
  const leave = useFit(frame, placed);
  return (
    <div ref={frame} className={styles['frame']} aria-label="Graph of the workflow" role="group">
      <ReactFlow<StepFlowNode, StepFlowEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        colorMode={isDark ? 'dark' : 'light'}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        elementsSelectable={onChoose !== undefined}
        deleteKeyCode={null}
        onlyRenderVisibleElements={nodes.length > nodesRenderedMax}
        panOnScroll
        minZoom={0.15}
        maxZoom={2}
        onMoveStart={(event) => {
          if (event !== null) leave();
        }}
        onNodeClick={(_event, node) => onChoose?.(node.id)}
        onKeyDown={(event) => {
          const id = (event.target as HTMLElement).dataset['id'];
          if (event.key === 'Enter' && id !== undefined) onChoose?.(id);
        }}
      >
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

/**
 * Shows all of a picture, or the beginning of one that would be too small to read, whenever the
 * frame changes, until the reader has moved it.
 */
function useFit(frame: RefObject<HTMLDivElement | null>, placed: PlacedGraph): () => void {
  const { setViewport } = useReactFlow();
  const isLeft = useRef(false);
  const { width, height } = placed;
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    isLeft.current = false;
    const observer = new ResizeObserver(() => {
      if (isLeft.current || element.clientWidth === 0) return;
      void setViewport(viewportFor({ width, height }, element));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame, width, height, setViewport]);
  return () => {
    isLeft.current = true;
  };
}

function viewportFor(picture: { width: number; height: number }, frame: HTMLElement) {
  const { clientWidth: width, clientHeight: height } = frame;
  const across = (width - 2 * margin) / picture.width;
  const down = (height - 2 * margin) / picture.height;
  const whole = Math.min(across, down, scaleMax);
  const zoom = whole >= scaleReadable ? whole : Math.min(Math.max(across, scaleMin), scaleLarge);
  const x = Math.max(margin, (width - picture.width * zoom) / 2);
  const y = Math.max(margin, (height - picture.height * zoom) / 2);
  return { x, y, zoom };
}

function flowNodes(
  placed: PlacedGraph,
  statuses: Readonly<Record<string, string>>,
  changes: readonly DefinitionChange[],
): StepFlowNode[] {
  const changeOf = new Map(changes.map(({ task, kind }) => [task, kind]));
  return placed.nodes.map(({ node, x, y, width, height, isGroup }) => {
    const isMark = node.kind === 'start' || node.kind === 'end';
    const status = statuses[node.id];
    const change = changeOf.get(node.id);
    const said = [node.label, kindLooks[node.kind].words, node.detail, status, change];
    return {
      id: node.id,
      type: isMark ? 'mark' : 'step',
      position: { x, y },
      width,
      height,
      ...(node.parent === undefined ? {} : { parentId: node.parent }),
      data: { step: node, isGroup, status, change },
      focusable: !isMark,
      selectable: !isMark,
      ariaLabel: said.filter(Boolean).join(', '),
    };
  });
}

function flowEdge({ edge, points, labelAt }: PlacedEdge): StepFlowEdge {
  const label = edge.kind === 'case' || edge.kind === 'catch' ? edge.label : undefined;
  return {
    id: edge.id,
    type: 'route',
    source: edge.from,
    target: edge.to,
    label,
    data: { points, labelAt },
    zIndex: 5,
    focusable: false,
    markerEnd: { type: MarkerType.ArrowClosed, color: 'var(--border-strong)' },
    ...(edge.kind === 'catch' ? { className: 'catch', style: { strokeDasharray: '5 4' } } : {}),
  };
}

function RouteEdge({ data, label, markerEnd, style }: EdgeProps<StepFlowEdge>) {
  if (data === undefined) return null;
  const { x, y } = data.labelAt;
  return (
    <>
      <BaseEdge
        path={pathThrough(data.points)}
        markerEnd={markerEnd}
        style={{ stroke: 'var(--border-strong)', strokeWidth: 1.5, ...style }}
      />
      {label === undefined ? null : (
        <EdgeLabelRenderer>
          <span
            className={styles['label']}
            style={{ transform: `translate(-50%, -50%) translate(${String(x)}px, ${String(y)}px)` }}
          >
            {label}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}
