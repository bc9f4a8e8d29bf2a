import type { DefinitionChange, DefinitionGraph, GraphNode } from '@parley/contracts';
import {
  BaseEdge,
  Controls,
  EdgeLabelRenderer,
  MarkerType,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  type Edge,
  type EdgeProps,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useMemo, useRef, useState } from 'react';
import { Button } from '../../ui/button';
import { useIsDark } from '../../ui/media';
import styles from './graph-view.module.css';
import { kindLooks } from './kinds';
import { pathThrough, placeGraph, type PlacedEdge, type PlacedGraph, type Point } from './layout';
import { MarkNode, StepNode, type StepFlowNode } from './step-node';
import { useFit, useShown } from './view-port';

/** Larger pictures keep only what is in view in the page. */
const nodesRenderedMax = 300;

export interface GraphViewProps {
  readonly graph: DefinitionGraph;
  /** Node id → state of the step in a run. */
  readonly statuses?: Readonly<Record<string, string>>;
  /** Differences to another definition; the steps that they name are marked. */
  readonly changes?: readonly DefinitionChange[];
  /** A step to be put into the middle and chosen: the innermost one at or around this pointer. */
  readonly shown?: { readonly pointer: string };
  /** What can be done with a chosen step: by its button, by a double click or by Enter. */
  readonly onOpen?: { readonly words: string; readonly open: (step: GraphNode) => void };
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

function Picture({ graph, statuses, changes, shown, onOpen }: GraphViewProps) {
  const isDark = useIsDark();
  const placed = useMemo(() => placeGraph(graph), [graph]);
  const nodes = useMemo(
    () => flowNodes(placed, statuses ?? {}, changes ?? []),
    [placed, statuses, changes],
  );
  const edges = useMemo(() => placed.edges.map(flowEdge), [placed]);
  const frame = useRef<HTMLDivElement>(null);
  const leave = useFit(frame, placed);
  const [chosenId, setChosen] = useState<string>();
  const chosen = graph.nodes.find(({ id }) => id === chosenId);
  useShown(frame, placed, shown, { leave, onShown: setChosen });
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
        elementsSelectable={onOpen !== undefined}
        zoomOnDoubleClick={onOpen === undefined}
        deleteKeyCode={null}
        onlyRenderVisibleElements={nodes.length > nodesRenderedMax}
        panOnScroll
        minZoom={0.15}
        maxZoom={2}
        onMoveStart={(event) => {
          if (event !== null) leave();
        }}
        onPaneClick={() => setChosen(undefined)}
        onNodeClick={(_event, { id, data }) => setChosen(isStep(data.step) ? id : undefined)}
        onNodeDoubleClick={(_event, { data }) => {
          if (isStep(data.step)) onOpen?.open(data.step);
        }}
        onFocus={({ target }) => {
          const id = target.dataset['id'];
          if (id !== undefined) setChosen(id);
        }}
        onKeyDown={({ key, target }) => {
          const id = (target as HTMLElement).dataset['id'];
          const step = graph.nodes.find((node) => node.id === id);
          if (key === 'Enter' && step !== undefined) onOpen?.open(step);
        }}
      >
        <Controls showInteractive={false} />
        {onOpen === undefined || chosen === undefined ? null : (
          <Panel position="top-right">
            <Button
              size="small"
              title={`${onOpen.words}: ${chosen.name} (Enter)`}
              data-testid="open-step"
              onClick={() => onOpen.open(chosen)}
            >
              {onOpen.words}: {chosen.name}
            </Button>
          </Panel>
        )}
      </ReactFlow>
    </div>
  );
}

function isStep({ kind }: GraphNode): boolean {
  return kind !== 'start' && kind !== 'end';
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
