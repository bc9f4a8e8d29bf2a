import { Inject, Injectable } from '@nestjs/common';
import type { DemoLoaded } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { CONFIG, type Context } from '@parley/nest-kit';
import { hostPort, Outbound, readUrl, type Approval } from '@parley/outbound';
import { z } from 'zod';
import type { WorkflowConfig } from '../config.js';
import { ConnectorImporter, findConnector, type Import } from './connector-importer.js';
import { ConnectorSettings, setApproval } from './connector-settings.js';
import { addressOf } from './connector-view.js';
import { readDocument } from './read-document.js';

const documentsMax = 50;

const Index = z.object({
  documents: z
    .array(
      z.object({
        name: z.string(),
        url: z.url(),
        baseUrl: z.url(),
        credential: z
          .object({ scheme: z.string(), type: z.literal('apiKey'), value: z.string().min(1) })
          .optional(),
      }),
    )
    .min(1)
    .max(documentsMax),
});
type Document = z.infer<typeof Index>['documents'][number];

/** Imports the demo business, approves its address for each connector and stores its credentials. */
@Injectable()
export class DemoLoader {
  constructor(
    @Inject(CONFIG) private readonly config: WorkflowConfig,
    @Inject(Outbound) private readonly outbound: Outbound,
    @Inject(ConnectorImporter) private readonly importer: ConnectorImporter,
    @Inject(ConnectorSettings) private readonly settings: ConnectorSettings,
  ) {}

  /** @throws AppError `not-available`, `unavailable`, `conflict` */
  async load(caller: Context): Promise<DemoLoaded> {
    const { demoUrl } = this.config;
    if (demoUrl === undefined) {
      throw new AppError(
        'not-available',
        'This installation has no demo business (PARLEY_DEMO_URL).',
      );
    }
    const approvals = approvalsOf(demoUrl);
    const index = Index.safeParse(parseJson(await this.fetch(demoUrl, approvals)));
    if (!index.success) throw unavailable(demoUrl, 'its index has another form than expected');
    const imports: Import[] = [];
    for (const document of index.data.documents) {
      imports.push(await this.read(document, approvals));
    }
    await this.demandNoneOfTheirOwn(caller, imports);
    const documents = new Map(index.data.documents.map((one) => [one.name, one]));
    const stored = await this.importer.store(caller, imports, async (tx, { id, name }) => {
      const row = await findConnector(tx, caller.tenantId, id);
      await setApproval(tx, caller, { row, approve: true });
      const credential = documents.get(name)?.credential;
      if (credential === undefined) return;
      const { scheme, type, value } = credential;
      await this.settings.storeCredential(tx, caller, { row, scheme, credential: { type, value } });
    });
    const addresses = imports.flatMap(({ baseUrl }) => {
      const address = addressOf({ baseUrl: baseUrl ?? null });
      return address ? [hostPort(address.host, address.port)] : [];
    });
    return { connectors: stored, approvedAddresses: [...new Set(addresses)] };
  }

  private async read(document: Document, approvals: readonly Approval[]): Promise<Import> {
    const { name, url: sourceUrl, baseUrl } = document;
    const approvable = await this.outbound.guard.approvable(baseUrl);
    if (!approvable.ok) throw new AppError('address-not-approved', approvable.error.message);
    const text = await this.fetch(sourceUrl, approvals);
    return { text, read: await readDocument(text, { name, sourceUrl }), sourceUrl, baseUrl };
  }

  private async fetch(url: string, approvals: readonly Approval[]): Promise<string> {
    const answer = await this.outbound.send({ method: 'GET', url, approvals, raw: true });
    if (answer.kind === 'failure') throw unavailable(url, answer.message);
    if (answer.status !== 200) throw unavailable(url, `it answered ${answer.status}`);
    return answer.body.kind === 'binary'
      ? Buffer.from(answer.body.base64, 'base64').toString('utf8')
      : '';
  }

  /** A connector of the same name that is something else must not be replaced unasked. */
  private async demandNoneOfTheirOwn(caller: Context, imports: readonly Import[]): Promise<void> {
    const names = imports.map(({ read }) => read.name);
    const titles = await this.importer.titles(caller.tenantId, names);
    const own = imports.find(({ read }) => (titles.get(read.name) ?? read.title) !== read.title);
    if (own === undefined) return;
    const { name } = own.read;
    throw new AppError(
      'conflict',
      `There is a connector ${name} (${titles.get(name) ?? ''}) already, which the demo would replace. Remove it, or import it under another name.`,
    );
  }
}

function approvalsOf(demoUrl: string): Approval[] {
  const read = readUrl(demoUrl);
  return read.ok ? [{ host: read.value.host, port: read.value.port }] : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // then it does not have the form that it is checked for
  }
}

function unavailable(url: string, why: string): AppError {
  return new AppError('unavailable', `The demo business at ${url} cannot be loaded: ${why}`);
}
