import { Session, type Profiler } from 'node:inspector';

/**
 * Counts what this process executes: how often each branch, each turn of a loop and each function is
 * entered. Unlike time that is the same on every machine and under every load. Only code that is
 * loaded after the start is counted branch by branch, so import what is to be counted afterwards.
 */
export function startCounting(): (work: () => unknown) => number {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const stepsSinceTaken = () => {
    let steps = 0;
    // A session with its own process answers before `post` returns.
    session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      steps = sum(result);
    });
    return steps;
  };
  return (work) => {
    stepsSinceTaken();
    work();
    return stepsSinceTaken();
  };
}

function sum(scripts: readonly Profiler.ScriptCoverage[]): number {
  let steps = 0;
  for (const { functions } of scripts) {
    for (const { ranges } of functions) for (const { count } of ranges) steps += count;
  }
  return steps;
}
