import type { CompletionList, Hover, StepPlace, Suggestion } from '@parley/dsl';
import type { Catalogue, DefinitionGraph, Diagnostic, SideEffect } from '@parley/contracts';

/** A definition, read the way the platform reads it. */
export interface ReadDefinition {
  readonly diagnostics: readonly Diagnostic[];
  readonly sideEffects: readonly SideEffect[];
  /** Absent while the definition has errors. */
  readonly graph?: DefinitionGraph;
}

/** What the text of an open document is asked for; offsets are those of the latest change sent. */
export interface Questions {
  complete: { readonly ask: { readonly offset: number }; readonly answer: CompletionList };
  hover: { readonly ask: { readonly offset: number }; readonly answer: Hover | undefined };
  step: { readonly ask: { readonly offset: number }; readonly answer: StepPlace | undefined };
  place: {
    readonly ask: { readonly pointer: string };
    readonly answer: { readonly from: number; readonly to: number } | undefined;
  };
  format: { readonly ask: object; readonly answer: TextChange | Refusal };
  rename: {
    readonly ask: { readonly path: string; readonly name: string };
    readonly answer: TextChange | Refusal;
  };
}

export type QuestionName = keyof Questions;

/** The one stretch of a text that becomes another; absent when nothing changes. */
export interface TextChange {
  readonly change?: { readonly from: number; readonly to: number; readonly insert: string };
}

/** Why something cannot be done. */
export interface Refusal {
  readonly refused: string;
}

/** What the page tells the worker. Messages are handled in order. */
export type PageMessage =
  | { readonly kind: 'catalogue'; readonly catalogue: Catalogue | undefined }
  | {
      readonly kind: 'read';
      readonly id: number;
      readonly source: string;
      readonly timezone: string | undefined;
    }
  | {
      readonly kind: 'open';
      readonly document: number;
      readonly version: number;
      readonly text: string;
      readonly timezone: string | undefined;
    }
  | {
      readonly kind: 'change';
      readonly document: number;
      readonly version: number;
      /** A `ChangeSet` as JSON: only what has changed travels. */
      readonly changes: unknown;
    }
  | { readonly kind: 'close'; readonly document: number }
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly document: number;
      readonly question: QuestionName;
      readonly ask: Questions[QuestionName]['ask'];
    };

/** What is wrong with a version of a document, and what could be better. */
export interface Checked {
  readonly version: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly suggestions: readonly Suggestion[];
}

export type WorkerMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: string }
  | { readonly kind: 'checked'; readonly document: number; readonly checked: Checked };
