import type { Json } from '@parley/kernel';

/** What the kit gives a mode to execute. */
export interface Assignment {
  /** YAML or JSON. */
  readonly definition: string;
  readonly input: Json;
}

/** How a run ended, as far as the kit asks. */
export interface Outcome {
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly output?: Json;
  readonly error?: Readonly<Record<string, Json | undefined>>;
  /** Tasks by name, in the order in which they began. */
  readonly tasks: readonly TaskRun[];
}

export interface TaskRun {
  readonly name: string;
  readonly status: string;
}

/** One way of executing workflows. */
export interface Mode {
  readonly name: string;
  readonly title: string;
  execute(assignment: Assignment): Promise<Outcome>;
  stop(): Promise<void>;
}
