import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import {
  internalRoutes,
  routes,
  type PageQuery,
  type RegisterVersion,
  type SetTag,
  type VersionRegistered,
  type Workflow,
  type WorkflowVersion,
} from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { Caller, Endpoint, type Context } from '@parley/nest-kit';
import { VersionRegistrar } from './register-version.js';
import { VersionTags } from './version-tags.pg.js';
import { WorkflowStore } from './workflow-store.pg.js';

@Controller()
export class WorkflowsHttp {
  constructor(
    @Inject(WorkflowStore) private readonly store: WorkflowStore,
    @Inject(VersionTags) private readonly tags: VersionTags,
    @Inject(VersionRegistrar) private readonly registrar: VersionRegistrar,
  ) {}

  @Endpoint(internalRoutes.registerVersion)
  register(@Body() body: RegisterVersion, @Caller() caller: Context): Promise<VersionRegistered> {
    return this.registrar.register(body, caller);
  }

  @Endpoint(routes.listWorkflows)
  async list(@Query() query: PageQuery, @Caller() caller: Context) {
    const page = { before: query.pageToken, limit: query.pageSize + 1 };
    return pageOf(await this.store.list(caller.tenantId, page), query, ({ id }) => id);
  }

  @Endpoint(routes.getWorkflow)
  get(@Param('workflow') workflowId: string, @Caller() caller: Context): Promise<Workflow> {
    return this.store.get(caller.tenantId, workflowId);
  }

  @Endpoint(routes.listVersions)
  async versions(
    @Param('workflow') workflowId: string,
    @Query() query: PageQuery,
    @Caller() caller: Context,
  ) {
    if (query.pageToken !== undefined && !/^\d{1,9}$/.test(query.pageToken)) {
      throw new AppError('invalid', 'pageToken is not one that this list gave; leave it out.');
    }
    const before = query.pageToken === undefined ? undefined : Number(query.pageToken);
    const page = { before, limit: query.pageSize + 1 };
    const versions = await this.store.versions(caller.tenantId, workflowId, page);
    return pageOf(versions, query, ({ version }) => String(version));
  }

  @Endpoint(routes.getVersion)
  version(
    @Param('workflow') workflowId: string,
    @Param('version') version: string,
    @Caller() caller: Context,
  ): Promise<WorkflowVersion> {
    return this.store.version(caller.tenantId, workflowId, version);
  }

  @Endpoint(routes.setTag)
  setTag(
    @Param('workflow') workflowId: string,
    @Param('tag') tag: string,
    @Body() body: SetTag,
    @Caller() caller: Context,
  ): Promise<Workflow> {
    return this.tags.set(caller.tenantId, { workflowId, tag, version: body.version });
  }
}

function pageOf<T>(
  found: readonly T[],
  { pageSize }: PageQuery,
  tokenOf: (item: T) => string,
): { items: T[]; nextPageToken?: string } {
  const items = found.slice(0, pageSize);
  const last = items.at(-1);
  return found.length > items.length && last ? { items, nextPageToken: tokenOf(last) } : { items };
}
