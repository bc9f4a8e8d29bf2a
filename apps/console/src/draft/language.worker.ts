import { compileDefinition, graphOf } from '@parley/dsl';
import type { Catalogue } from '@parley/contracts';
import type { PageMessage, ReadDefinition, WorkerMessage } from './language-messages';
import { OpenDocument } from './open-document';

/** Reads definitions beside the page, so that the page never waits for them. */
const documents = new Map<number, OpenDocument>();
let catalogue: Catalogue | undefined;

function tell(message: WorkerMessage): void {
  postMessage(message);
}

function read(source: string, timezone: string | undefined): ReadDefinition {
  const { ir, diagnostics, sideEffects } = compileDefinition(source, { catalogue, timezone });
  return { diagnostics, sideEffects, ...(ir === undefined ? {} : { graph: graphOf(ir) }) };
}

function answer(id: number, compute: () => unknown): void {
  try {
    tell({ kind: 'answer', id, answer: compute() });
  } catch (error) {
    tell({ kind: 'failure', id, failure: error instanceof Error ? error.message : String(error) });
  }
}

function handle(message: PageMessage): void {
  switch (message.kind) {
    case 'catalogue':
      catalogue = message.catalogue;
      for (const document of documents.values()) document.checkSoon(0);
      return;
    case 'read':
      answer(message.id, () => read(message.source, message.timezone));
      return;
    case 'open': {
      const { document: id, text, version, timezone } = message;
      const options = () => ({ catalogue, timezone });
      const opened = new OpenDocument({ text, version }, options, (checked) =>
        tell({ kind: 'checked', document: id, checked }),
      );
      documents.set(id, opened);
      return;
    }
    case 'change':
      documents.get(message.document)?.change(message.version, message.changes);
      return;
    case 'close':
      documents.get(message.document)?.close();
      documents.delete(message.document);
      return;
    case 'ask':
      answer(message.id, () =>
        documents.get(message.document)?.answer(message.question, message.ask),
      );
  }
}

addEventListener('message', ({ data }: MessageEvent<PageMessage>) => handle(data));
