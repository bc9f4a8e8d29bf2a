/** One program run, as it is to be spawned. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid?: number;
}

/** A row of the process table. */
export interface ProcessSpec {
  readonly name: string;
  readonly port?: number;
  /** Names of those that must be ready before each start. */
  readonly after: readonly string[];
  /** Higher tiers are stopped before lower ones. */
  readonly tier: number;
  /** Runs to its end once instead of staying. */
  readonly once?: boolean;
  readonly stopSteps?: readonly StopStep[];
  /** Called before every start. */
  prepare(): Promise<Launch> | Launch;
  isReady(pid: number): Promise<boolean> | boolean;
}

/** A signal and how long to wait for the end after it. */
export interface StopStep {
  readonly signal: NodeJS.Signals;
  readonly limitMs: number;
}

export const gentleStop: readonly StopStep[] = [
  { signal: 'SIGTERM', limitMs: 5000 },
  { signal: 'SIGKILL', limitMs: 2000 },
];
