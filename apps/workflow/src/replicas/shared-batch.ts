import { routes, type StartBatch, type StartItem, type StartResult } from '@parley/contracts';
import type { Context, Services } from '@parley/nest-kit';
import { partitionOfKey } from '../engine/run-id.js';
import type { Partitions } from './partitions.js';

/** The whole batch is on its way for as long as a client waits for it. */
const timeoutMs = 60_000;

export interface SharedBatchOptions {
  readonly partitions: Pick<Partitions, 'ownerOf' | 'ownsAll'>;
  readonly services: Pick<Services, 'call'>;
}

export interface BatchRequest {
  readonly workflowId: string;
  readonly batch: StartBatch;
  readonly caller: Pick<Context, 'tenantId' | 'issuer'>;
  /** Starts some of them in this process. */
  readonly startHere: (items: readonly StartItem[]) => Promise<StartResult[]>;
}

type Group = { readonly item: StartItem; readonly at: number }[];

/**
 * Starts the runs of a batch in several processes: those with a key where the key's owner is, so that
 * one process decides what a key starts. Whom it cannot ask it does not wait for: it starts those runs
 * itself, and the table of keys decides.
 */
export class SharedBatch {
  private readonly options: SharedBatchOptions;

  constructor(options: SharedBatchOptions) {
    this.options = options;
  }

  /** Answers in the order of the items. */
  async start(request: BatchRequest): Promise<StartResult[]> {
    const { batch, caller, startHere } = request;
    // What another process has sent is not sent on.
    if (caller.issuer === 'workflow' || this.options.partitions.ownsAll) {
      return startHere(batch.items);
    }
    const results: StartResult[] = [];
    const groups = Map.groupBy(
      batch.items.map((item, at) => ({ item, at })),
      ({ item }) => this.urlOf(caller.tenantId, item),
    );
    const started = [...groups].map(async ([url, group]) => {
      const answers = await this.startGroup(request, url, group);
      for (const [index, { at }] of group.entries()) {
        const answer = answers[index];
        if (answer !== undefined) results[at] = answer;
      }
    });
    await Promise.all(started);
    return results;
  }

  /** @returns undefined: here */
  private urlOf(tenantId: string, { key }: StartItem): string | undefined {
    if (key === undefined) return undefined;
    const owner = this.options.partitions.ownerOf(partitionOfKey(tenantId, key));
    return owner.own ? undefined : owner.url;
  }

  private async startGroup(
    { workflowId, batch, startHere }: BatchRequest,
    address: string | undefined,
    group: Group,
  ): Promise<readonly StartResult[]> {
    const items = group.map(({ item }) => item);
    if (address === undefined) return startHere(items);
    const params = { workflow: workflowId };
    try {
      const body = { ...batch, items };
      const options = { address, params, body, timeoutMs };
      return (await this.options.services.call(routes.startBatch, options)).items;
    } catch {
      return startHere(items); // The keys keep apart what has been started there.
    }
  }
}
