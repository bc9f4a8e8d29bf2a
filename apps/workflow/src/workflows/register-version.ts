import { randomBytes } from 'node:crypto';
import {
  routes,
  versionPublished,
  workflowCreated,
  type Catalogue,
  type CompileResult,
  type EventEnvelope,
  type RegisterVersion,
  type VersionRegistered,
} from '@parley/contracts';
import { describeTrigger, type ExecutorName, type Ir, type IrRunNode } from '@parley/ir';
import { AppError, makeId, type ErrorDetail } from '@parley/kernel';
import { eventFacts, type Context, type Services } from '@parley/nest-kit';
import { appendOutbox, withTenant, type Pool, type PoolClient } from '@parley/postgres';
import { encodePayload } from '../engine/codec.js';
import type { SwitchOn } from '../schedules/collection-rows.pg.js';
import { missingSecrets } from '../secrets/secret-store.pg.js';
import { documentNameOf, versionNamed, type DocumentName } from './named-versions.pg.js';
import { assertPublishable } from './publishable.js';
import { liveTag, pointTag } from './version-tags.pg.js';

/** Documents from outside are fetched on the way. */
export const compileMsMax = 60_000;

export interface RegistrarOptions {
  /** Of the role `workflow_app`. */
  readonly pool: Pool;
  readonly services: Services;
  readonly catalogue: (tenantId: string) => Promise<Catalogue>;
  readonly published: () => void;
  readonly switchOn: SwitchOn;
  /** Executors that are enabled. @default none */
  readonly executors?: readonly ExecutorName[];
}

interface Existing {
  readonly id: string;
  readonly latest_version: number;
}

/** Turns an approved revision into an immutable version; the tag `live` then points to it. */
export class VersionRegistrar {
  private readonly options: RegistrarOptions;

  constructor(options: RegistrarOptions) {
    this.options = options;
  }

  /**
   * Registers a revision, or finds the version that it already is: the same revision hash of the
   * same workflow never makes two versions.
   * @throws AppError `invalid-definition` with every diagnostic, also for what is valid and cannot be
   *   published: documents that nobody could read, steps that this version does not run; `not-found`;
   *   `stale-revision` when the text compiles to something else than what was shown; `unavailable`
   *   while a replica of an older release would misread it
   */
  async register(request: RegisterVersion, caller: Context): Promise<VersionRegistered> {
    const catalogue = await this.options.catalogue(caller.tenantId);
    const { source, timezone } = request;
    const compiled = await this.options.services.call(routes.compileDefinition, {
      body: { source, timezone, catalogue, resolve: true, unresolved: 'error' },
      timeoutMs: compileMsMax,
    });
    const ir = assertPublishable(compiled, this.options.executors);
    const registered = await withTenant(this.options.pool, caller.tenantId, async (client) => {
      const existing = await this.findWorkflow(client, request);
      const version = existing && (await findVersion(client, existing.id, request.revisionHash));
      if (existing && version !== undefined) {
        await this.makeLive(client, caller, { workflowId: existing.id, version });
        return { workflowId: existing.id, version };
      }
      assertSeen(ir, request);
      await assertChildrenExist(client, ir);
      await assertSecretsExist(client, ir);
      return this.insert(client, { request, caller, ir, compiled, existing });
    });
    this.options.published();
    return registered;
  }

  /** Locks the workflow, so that two registrations of one draft happen one after the other. */
  private async findWorkflow(
    client: PoolClient,
    request: RegisterVersion,
  ): Promise<Existing | undefined> {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [request.draftId]);
    const { rows } = await client.query<Existing>(
      `SELECT id, latest_version FROM workflow
       WHERE CASE WHEN $1::text IS NULL THEN draft_id = $2 ELSE id = $1 END FOR UPDATE`,
      [request.workflowId ?? null, request.draftId],
    );
    if (rows[0] === undefined && request.workflowId !== undefined) {
      throw new AppError('not-found', `there is no workflow ${request.workflowId}`);
    }
    return rows[0];
  }

  private makeLive(
    client: PoolClient,
    { tenantId }: Context,
    version: { readonly workflowId: string; readonly version: number },
  ): Promise<void> {
    return pointTag(client, tenantId, { ...version, tag: liveTag }, this.options.switchOn);
  }

  private async insert(
    client: PoolClient,
    made: {
      request: RegisterVersion;
      caller: Context;
      ir: Ir;
      compiled: CompileResult;
      existing: Existing | undefined;
    },
  ): Promise<VersionRegistered> {
    const { request, caller, ir, compiled, existing } = made;
    const now = new Date();
    const workflowId = existing?.id ?? makeId('workflow', now.getTime(), randomBytes);
    const version = (existing?.latest_version ?? 0) + 1;
    const title = ir.document.title ?? ir.document.name;
    await client.query(
      `INSERT INTO workflow (id, tenant_id, name, title, summary, latest_version, conversation_id,
         draft_id, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, title = excluded.title,
         summary = excluded.summary, latest_version = excluded.latest_version,
         updated_at = excluded.updated_at`,
      [
        workflowId,
        caller.tenantId,
        ir.document.name,
        title,
        ir.document.summary ?? null,
        version,
        request.conversationId,
        request.draftId,
        now,
      ],
    );
    await client.query(
      `INSERT INTO compiled_definition (tenant_id, ir_hash, ir) VALUES ($1, $2, $3)
       ON CONFLICT DO NOTHING`,
      [caller.tenantId, ir.hash, encodePayload(ir)],
    );
    await client.query(
      `INSERT INTO workflow_version (tenant_id, workflow_id, version, source, timezone, ir_hash,
         input_schema, side_effects, trigger, draft_id, revision_hash, approved_by, created_at,
         namespace, name, document_version)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
      [
        caller.tenantId,
        workflowId,
        version,
        request.source,
        request.timezone,
        ir.hash,
        compiled.inputSchema === undefined ? null : JSON.stringify(compiled.inputSchema),
        JSON.stringify(compiled.sideEffects),
        describeTrigger(ir, request.timezone),
        request.draftId,
        request.revisionHash,
        request.approvedBy.id,
        now,
        ir.document.namespace,
        ir.document.name,
        ir.document.version,
      ],
    );
    await this.makeLive(client, caller, { workflowId, version });
    await appendOutbox(client, eventsOf(made, { workflowId, version, now: now.getTime() }));
    return { workflowId, version };
  }
}

/** A text is not all that a run depends on: connectors and documents may have changed since. */
function assertSeen(ir: Ir, { irHash }: RegisterVersion): void {
  if (ir.hash === irHash) return;
  throw new AppError(
    'stale-revision',
    'A connector or document that the definition names has changed since the revision was shown.',
  );
}

/**
 * The workflows that the definition runs by a fixed name are there, or are itself.
 * @throws AppError `invalid-definition`
 */
export async function assertChildrenExist(client: PoolClient, ir: Ir): Promise<void> {
  const errors: ErrorDetail[] = [];
  for (const node of Object.values(ir.nodes)) {
    const named = node.kind === 'run' ? fixedNameOf(node) : undefined;
    if (named === undefined || isSame(named, ir.document)) continue;
    if ((await versionNamed(client, named)) !== undefined) continue;
    const { namespace, name, version } = named;
    const message = `No published workflow calls itself ${namespace}/${name} in version ${version}. Publish it first, or name another.`;
    errors.push({ pointer: `${node.pointer}/run/workflow`, message });
  }
  if (errors.length === 0) return;
  throw new AppError('invalid-definition', errors[0]?.message ?? '', { errors });
}

/**
 * The secrets that the definition declares are there.
 * @throws AppError `invalid-definition`
 */
export async function assertSecretsExist(client: PoolClient, { secrets = [] }: Ir): Promise<void> {
  if (secrets.length === 0) return;
  const missing = await missingSecrets(client, secrets);
  const errors = missing.map((name) => ({
    pointer: `/use/secrets/${secrets.indexOf(name)}`,
    message: `There is no secret "${name}". Set it first, with the hosts that it may be sent to: parley secret set ${name} --host api.example.com`,
  }));
  if (errors.length === 0) return;
  throw new AppError('invalid-definition', errors[0]?.message ?? '', { errors });
}

/** What a `run.workflow` names, unless it is computed. */
function fixedNameOf({ process, with: args }: IrRunNode): DocumentName | undefined {
  if (process !== 'workflow') return undefined;
  if (args.kind === 'literal') return documentNameOf(args.value);
  if (args.kind !== 'object') return undefined;
  const fixed = args.entries.flatMap(([name, member]) =>
    member.kind === 'literal' ? [[name, member.value] as const] : [],
  );
  return documentNameOf(Object.fromEntries(fixed));
}

function isSame(named: DocumentName, document: Ir['document']): boolean {
  return (
    named.namespace === document.namespace &&
    named.name === document.name &&
    (named.version === 'latest' || named.version === document.version)
  );
}

async function findVersion(
  client: PoolClient,
  workflowId: string,
  revisionHash: string,
): Promise<number | undefined> {
  const { rows } = await client.query<{ version: number }>(
    'SELECT version FROM workflow_version WHERE workflow_id = $1 AND revision_hash = $2',
    [workflowId, revisionHash],
  );
  return rows[0]?.version;
}

function eventsOf(
  { caller, ir, existing }: { caller: Context; ir: Ir; existing: Existing | undefined },
  at: { workflowId: string; version: number; now: number },
): { envelope: EventEnvelope }[] {
  const { workflowId, version, now } = at;
  const facts = () => eventFacts(caller.tenantId, workflowId, now);
  const by = caller.principal;
  const published = versionPublished.create({ workflowId, version, irHash: ir.hash, by }, facts());
  if (existing !== undefined) return [{ envelope: published }];
  const created = workflowCreated.create({ workflowId, name: ir.document.name, by }, facts());
  return [{ envelope: created }, { envelope: published }];
}
