import type { GraphNode } from '@parley/contracts';

export type GraphNodeKind = GraphNode['kind'];

interface KindLook {
  /** The kind in words, for readers. */
  readonly words: string;
  /** Path of a 24×24 icon, drawn as lines. */
  readonly icon: string;
  readonly tone: 'call' | 'human' | 'flow' | 'data' | 'time' | 'error';
}

export const kindLooks: Readonly<Record<GraphNodeKind, KindLook>> = {
  call: { words: 'call', icon: 'M5 12h13M13 6l6 6-6 6', tone: 'call' },
  human: {
    words: 'a person decides',
    icon: 'M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c.6-4 3.4-6 7-6s6.4 2 7 6',
    tone: 'human',
  },
  switch: { words: 'choice', icon: 'M12 3l9 9-9 9-9-9z', tone: 'flow' },
  for: { words: 'for each', icon: 'M19 12a7 7 0 1 1-2.5-5.4M19 3v4.5h-4.5', tone: 'flow' },
  fork: { words: 'in parallel', icon: 'M12 4v4M12 8H6v12M12 8h6v12', tone: 'flow' },
  try: {
    words: 'with error handling',
    icon: 'M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6z',
    tone: 'flow',
  },
  do: { words: 'steps', icon: 'M5 7h14M5 12h14M5 17h9', tone: 'flow' },
  set: { words: 'data', icon: 'M8 4H5v16h3M16 4h3v16h-3M10 12h4', tone: 'data' },
  wait: { words: 'wait', icon: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 3', tone: 'time' },
  raise: { words: 'error', icon: 'M12 4l9 16H3zM12 10v4M12 17v.5', tone: 'error' },
  emit: {
    words: 'sends an event',
    icon: 'M6 18v.5M6 13a5.5 5.5 0 0 1 5.5 5.5M6 8a10.5 10.5 0 0 1 10.5 10.5',
    tone: 'call',
  },
  listen: {
    words: 'waits for events',
    icon: 'M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 20h4',
    tone: 'time',
  },
  run: { words: 'runs a program', icon: 'M4 5h16v14H4zM8 10l3 2-3 2M13 15h3', tone: 'call' },
  map: {
    words: 'for each, in parallel',
    icon: 'M5 5h5v5H5zM14 5h5v5h-5zM5 14h5v5H5zM14 14h5v5h-5z',
    tone: 'flow',
  },
  start: { words: 'start', icon: '', tone: 'flow' },
  end: { words: 'end', icon: '', tone: 'flow' },
};

/** The kind of a step in words; a kind that this console does not know says its own name. */
export function wordsForKind(kind: string): string {
  return Object.hasOwn(kindLooks, kind) ? kindLooks[kind as GraphNodeKind].words : kind;
}

/** How the graph draws a kind, if it does. */
export function iconForKind(kind: string): string | undefined {
  return Object.hasOwn(kindLooks, kind) ? kindLooks[kind as GraphNodeKind].icon : undefined;
}
