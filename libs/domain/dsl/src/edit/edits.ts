import type { Json, JsonObject } from '@parley/kernel';

/**
 * Edits of a definition by name. Steps are named by their path (`do/checkStock`, or
 * `do/retryIt/try/charge`), scopes by the path of their list (`do`, `do/retryIt/catch/do`). Names in
 * paths are escaped as in JSON Pointers (`/` as `~1`).
 *
 * E1  A step that an edit does not name keeps its exact bytes. Steps that are wrapped or moved to
 *     another depth keep theirs except for the indentation of their lines.
 * E2  Edits apply in order; each sees the result of those before it. One refusal refuses all.
 * E3  An edit keeps the text readable YAML; whether the result is a valid workflow is the
 *     compiler's to say.
 */
export type Edit =
  | AddStep
  | RemoveStep
  | ReplaceStep
  | MoveStep
  | RenameStep
  | WrapSteps
  | SetInput
  | SetCondition
  | SetMember
  | SetSchedule
  | SetInputSchema
  | SetDocument;

/** Beside a step, or at the end of a list (`first`: at its beginning). */
export type Placement =
  | { readonly after: string }
  | { readonly before: string }
  | { readonly in: string; readonly first?: boolean };

export interface AddStep {
  readonly kind: 'addStep';
  readonly name: string;
  readonly task: JsonObject;
  /** @default at the end of `do` */
  readonly at?: Placement;
}

export interface RemoveStep {
  readonly kind: 'removeStep';
  readonly step: string;
}

/** Gives a step another task; members that stay equal keep their bytes. */
export interface ReplaceStep {
  readonly kind: 'replaceStep';
  readonly step: string;
  readonly task: JsonObject;
}

export interface MoveStep {
  readonly kind: 'moveStep';
  readonly step: string;
  readonly at: Placement;
}

/** Renames a step and every `then` of its list that leads to it. */
export interface RenameStep {
  readonly kind: 'renameStep';
  readonly step: string;
  readonly name: string;
}

/** Puts neighbouring steps into a new one that takes their place. */
export interface WrapSteps {
  readonly kind: 'wrapSteps';
  /** Paths of neighbours in one list. */
  readonly steps: readonly string[];
  readonly name: string;
  /** The new task without the list that the steps go to. */
  readonly task: JsonObject;
  /** @default `do` */
  readonly into?: 'do' | 'try' | 'fork/branches' | 'catch/do';
}

/**
 * Sets an argument of a step: an input of `call: connector`, an argument of other calls, a member of
 * `set`. No value removes it.
 */
export interface SetInput {
  readonly kind: 'setInput';
  readonly step: string;
  readonly input: string;
  readonly value?: Json;
}

/** Sets `if`; null removes it. */
export interface SetCondition {
  readonly kind: 'setCondition';
  readonly step: string;
  readonly if: string | null;
}

/** Sets any member of a step, e.g. `['catch', 'retry']`. No value removes it. */
export interface SetMember {
  readonly kind: 'setMember';
  readonly step: string;
  readonly path: readonly string[];
  readonly value?: Json;
}

/** Sets the workflow's schedule; null removes it. */
export interface SetSchedule {
  readonly kind: 'setSchedule';
  readonly schedule: JsonObject | null;
}

/** Sets the JSON Schema of the workflow's input; null removes it. */
export interface SetInputSchema {
  readonly kind: 'setInputSchema';
  readonly schema: Json;
}

/** Sets members of `document`; null removes one. `timezone` goes to its metadata. */
export interface SetDocument {
  readonly kind: 'setDocument';
  readonly name?: string;
  readonly namespace?: string;
  readonly version?: string;
  readonly title?: string | null;
  readonly summary?: string | null;
  readonly timezone?: string | null;
}
