import { useReactFlow } from '@xyflow/react';
import { useEffect, useRef, type RefObject } from 'react';
import type { PlacedGraph } from './layout';

/** Below this scale labels cannot be read: then the picture is as wide as its frame and scrolls. */
const scaleReadable = 0.7;
const scaleMin = 0.4;
const scaleLarge = 0.9;
const scaleMax = 1.1;
const margin = 24;

/**
 * Shows all of a picture, or the beginning of one that would be too small to read, whenever the
 * frame changes, until the reader has moved it.
 */
export function useFit(frame: RefObject<HTMLDivElement | null>, placed: PlacedGraph): () => void {
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

interface Shown {
  /** The picture is no longer to be fitted into its frame. */
  readonly leave: () => void;
  readonly onShown: (id: string) => void;
}

/** Puts a step into the middle of the frame and gives it the focus, once for each `wanted`. */
export function useShown(
  frame: RefObject<HTMLDivElement | null>,
  placed: PlacedGraph,
  wanted: { readonly pointer: string } | undefined,
  handlers: Shown,
): void {
  const { setCenter } = useReactFlow();
  const done = useRef<object>(undefined);
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    if (wanted === undefined || done.current === wanted) return;
    const found = placeOf(placed, wanted.pointer);
    if (found === undefined) return;
    done.current = wanted;
    latest.current.leave();
    latest.current.onShown(found.id);
    void setCenter(found.x, found.y, { zoom: scaleLarge }).then(() => {
      const node = frame.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(found.id)}"]`);
      node?.focus({ preventScroll: true });
    });
  }, [frame, placed, wanted, setCenter]);
}

/** The middle of the innermost step at or around a pointer; of a group, the middle of its top. */
function placeOf(
  { nodes }: PlacedGraph,
  pointer: string,
): { readonly id: string; readonly x: number; readonly y: number } | undefined {
  const around = nodes.filter(({ node }) => {
    return (
      node.pointer !== '' && (pointer === node.pointer || pointer.startsWith(`${node.pointer}/`))
    );
  });
  const longest = Math.max(...around.map(({ node }) => node.pointer.length));
  const found = around.find(({ node }) => node.pointer.length === longest);
  if (found === undefined) return undefined;
  const byId = new Map(nodes.map((placed) => [placed.node.id, placed]));
  let { x, y } = found;
  let parent = found.node.parent;
  while (parent !== undefined) {
    const outer = byId.get(parent);
    x += outer?.x ?? 0;
    y += outer?.y ?? 0;
    parent = outer?.node.parent;
  }
  const height = found.isGroup ? Math.min(found.height, 200) : found.height;
  return { id: found.node.id, x: x + found.width / 2, y: y + height / 2 };
}
