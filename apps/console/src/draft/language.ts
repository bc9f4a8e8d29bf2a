import type { Catalogue } from '@parley/contracts';
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';
import { client } from '../api/client';
import type {
  Checked,
  PageMessage,
  QuestionName,
  Questions,
  ReadDefinition,
  WorkerMessage,
} from './language-messages';

export type { Checked, ReadDefinition } from './language-messages';

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** What the worker was told of a document, to tell it again after a crash. */
interface Shared {
  readonly timezone: string | undefined;
  readonly version: () => number;
  readonly text: () => string;
  readonly checked: (checked: Checked) => void;
}

const waiting = new Map<number, Waiting>();
const shared = new Map<number, Shared>();
let worker: Worker | undefined;
let catalogue: Catalogue | undefined;
let lastId = 0;

function startWorker(): Worker {
  const started = new Worker(new URL('./language.worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) => receive(data));
  started.addEventListener('error', () => {
    started.terminate();
    worker = undefined;
    for (const asker of waiting.values()) asker.reject(new Error('The definition was not read.'));
    waiting.clear();
  });
  started.postMessage(catalogueMessage());
  for (const id of shared.keys()) started.postMessage(opening(id));
  return started;
}

/** Numbers and objects that keep more than JavaScript's own cannot be cloned; schemas do without. */
function catalogueMessage(): PageMessage {
  const plain = catalogue && (JSON.parse(JSON.stringify(catalogue)) as Catalogue);
  return { kind: 'catalogue', catalogue: plain };
}

function receive(message: WorkerMessage): void {
  if (message.kind === 'checked') {
    shared.get(message.document)?.checked(message.checked);
    return;
  }
  const asker = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.kind === 'answer') asker?.resolve(message.answer);
  else asker?.reject(new Error(message.failure));
}

function send(message: PageMessage): void {
  worker ??= startWorker();
  worker.postMessage(message);
}

function ask(message: (id: number) => PageMessage): Promise<unknown> {
  const id = ++lastId;
  const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
  send(message(id));
  return answer;
}

function opening(document: number): PageMessage {
  const { timezone, version, text } = shared.get(document) as Shared;
  return { kind: 'open', document, version: version(), text: text(), timezone };
}

/** The worker knows the operations that definitions may call; they are sent when they change. */
function share(known: Catalogue | undefined): void {
  if (known === catalogue) return;
  catalogue = known;
  if (worker !== undefined) send(catalogueMessage());
}

/** A text in an editor, as the worker sees it. */
export interface DocumentLink {
  /** Tells what has changed; everything asked from now on is about the text with it. */
  change(changes: unknown): void;
  ask<K extends QuestionName>(
    question: K,
    ask: Questions[K]['ask'],
  ): Promise<Questions[K]['answer']>;
  close(): void;
}

export interface OpenedText {
  readonly timezone: string | undefined;
  readonly text: () => string;
  /** Findings about the text as it is now; those about earlier versions are dropped. */
  readonly onChecked: (checked: Checked) => void;
}

/** Opens a text for checks and questions. */
export function openDocument({ timezone, text, onChecked }: OpenedText): DocumentLink {
  const document = ++lastId;
  let version = 0;
  shared.set(document, {
    timezone,
    text,
    version: () => version,
    checked: (checked) => {
      if (checked.version === version) onChecked(checked);
    },
  });
  if (worker === undefined) worker = startWorker();
  else send(opening(document));
  return {
    change: (changes) => {
      version += 1;
      if (worker !== undefined) send({ kind: 'change', document, version, changes });
      else worker = startWorker();
    },
    ask: (question, asked) =>
      ask((id) => ({ kind: 'ask', id, document, question, ask: asked })) as Promise<never>,
    close: () => {
      shared.delete(document);
      if (worker !== undefined) send({ kind: 'close', document });
    },
  };
}

function useCatalogue(): { readonly isPending: boolean; readonly updatedAt: number } {
  const { data, isPending, dataUpdatedAt } = useQuery({
    queryKey: ['catalogue'],
    queryFn: () => client.call('getCatalogue'),
  });
  useEffect(() => {
    if (!isPending) share(data);
  }, [data, isPending]);
  return { isPending, updatedAt: dataUpdatedAt };
}

/** Lets the worker know the operations of the tenant. */
export function useSharedCatalogue(): void {
  useCatalogue();
}

/** Diagnostics, calls and picture of a definition, found in this browser; nothing is sent. */
export function useDefinition(source: string, timezone?: string): UseQueryResult<ReadDefinition> {
  const { isPending, updatedAt } = useCatalogue();
  return useQuery({
    queryKey: ['definition', source, timezone, updatedAt],
    queryFn: () => ask((id) => ({ kind: 'read', id, source, timezone })) as Promise<ReadDefinition>,
    enabled: !isPending,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
  });
}
