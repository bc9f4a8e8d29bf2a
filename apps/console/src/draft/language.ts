import type { Catalogue } from '@parley/contracts';
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { client } from '../api/client';
import type { LanguageReply, LanguageRequest, ReadDefinition } from './language.worker';

interface Waiting {
  resolve(read: ReadDefinition): void;
  reject(error: Error): void;
}

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let sentCatalogue: Catalogue | undefined;
let lastId = 0;

function startWorker(): Worker {
  const started = new Worker(new URL('./language.worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<LanguageReply>) => {
    const asker = waiting.get(data.id);
    waiting.delete(data.id);
    if ('read' in data) asker?.resolve(data.read);
    else asker?.reject(new Error(data.failure));
  });
  started.addEventListener('error', () => {
    for (const asker of waiting.values()) asker.reject(new Error('The definition was not read.'));
    waiting.clear();
    started.terminate();
    worker = undefined;
    sentCatalogue = undefined;
  });
  return started;
}

async function readDefinition(
  source: string,
  timezone: string | undefined,
  catalogue: Catalogue | undefined,
): Promise<ReadDefinition> {
  worker ??= startWorker();
  const id = ++lastId;
  const request: LanguageRequest = {
    id,
    source,
    timezone,
    ...(catalogue === sentCatalogue ? {} : { catalogue }),
  };
  sentCatalogue = catalogue;
  const read = new Promise<ReadDefinition>((resolve, reject) => {
    waiting.set(id, { resolve, reject });
  });
  worker.postMessage(request);
  return read;
}

/** Diagnostics, calls and picture of a definition, found in this browser; nothing is sent. */
export function useDefinition(source: string, timezone?: string): UseQueryResult<ReadDefinition> {
  const catalogue = useQuery({
    queryKey: ['catalogue'],
    queryFn: () => client.call('getCatalogue'),
  });
  return useQuery({
    queryKey: ['definition', source, timezone, catalogue.dataUpdatedAt],
    queryFn: () => readDefinition(source, timezone, catalogue.data),
    enabled: !catalogue.isPending,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
  });
}
