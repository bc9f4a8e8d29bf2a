import type { RunEvent } from '@parley/contracts';
import { useEffect, useRef, useState } from 'react';
import { useLive } from '../../api/live';
import { applyEvents, type RunState } from './run-state';

/** Events that come together are shown together: long runs bring many per second. */
const batchMs = 50;

/** Follows a run live. */
export function useRun(runId: string): RunState | undefined {
  const [state, setState] = useState<{ runId: string; seen?: RunState }>({ runId });
  const waiting = useRef<RunEvent[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      waiting.current = [];
    };
  }, [runId]);
  useLive('runEvents', { params: { run: runId }, resume: true }, (event) => {
    waiting.current.push(event);
    timer.current ??= setTimeout(() => {
      const events = waiting.current;
      timer.current = undefined;
      waiting.current = [];
      setState((before) => {
        const known = before.runId === runId ? before.seen : undefined;
        const seen = applyEvents(known, events);
        return seen === undefined ? { runId } : { runId, seen };
      });
    }, batchMs);
  });
  return state.runId === runId ? state.seen : undefined;
}
