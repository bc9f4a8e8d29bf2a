import { compileDefinition, graphOf } from '@parley/dsl';
import type { Catalogue, DefinitionGraph, Diagnostic, SideEffect } from '@parley/contracts';

/** What the page asks of the worker. The catalogue is sent when it is another one than before. */
export interface LanguageRequest {
  readonly id: number;
  readonly source: string;
  readonly timezone: string | undefined;
  readonly catalogue?: Catalogue;
}

/** A definition, read the way the platform reads it. */
export interface ReadDefinition {
  readonly diagnostics: readonly Diagnostic[];
  readonly sideEffects: readonly SideEffect[];
  /** Absent while the definition has errors. */
  readonly graph?: DefinitionGraph;
}

export type LanguageReply =
  | { readonly id: number; readonly read: ReadDefinition }
  | { readonly id: number; readonly failure: string };

let catalogue: Catalogue | undefined;

function read({ source, timezone }: LanguageRequest): ReadDefinition {
  const { ir, diagnostics, sideEffects } = compileDefinition(source, { catalogue, timezone });
  return { diagnostics, sideEffects, ...(ir === undefined ? {} : { graph: graphOf(ir) }) };
}

addEventListener('message', ({ data }: MessageEvent<LanguageRequest>) => {
  catalogue = data.catalogue ?? catalogue;
  let reply: LanguageReply;
  try {
    reply = { id: data.id, read: read(data) };
  } catch (error) {
    reply = { id: data.id, failure: error instanceof Error ? error.message : String(error) };
  }
  postMessage(reply);
});
