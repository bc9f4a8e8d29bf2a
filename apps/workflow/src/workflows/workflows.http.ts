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
import { Caller, Endpoint, pageOf, pageTokenOf, type Context } from '@parley/nest-kit';
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
    return pageOf(await this.store.list(caller.tenantId, page), query.pageSize, {
      tokenOf: ({ id }) => id,
    });
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
    const token = pageTokenOf(query.pageToken, /^\d{1,9}$/);
    const before = token === undefined ? undefined : Number(token);
    const page = { before, limit: query.pageSize + 1 };
    const versions = await this.store.versions(caller.tenantId, workflowId, page);
    return pageOf(versions, query.pageSize, { tokenOf: ({ version }) => String(version) });
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
