import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { routes, type PageQuery, type Secret, type SetSecret } from '@parley/contracts';
import { Caller, Endpoint, pageOf, pageTokenOf, type Context, type Page } from '@parley/nest-kit';
import { SecretStore } from './secret-store.pg.js';

@Controller()
export class SecretsHttp {
  constructor(@Inject(SecretStore) private readonly secrets: SecretStore) {}

  @Endpoint(routes.listSecrets)
  async list(@Query() query: PageQuery, @Caller() caller: Context): Promise<Page<Secret>> {
    const after = pageTokenOf(query.pageToken, /^[\w-]{1,63}$/);
    const items = await this.secrets.list(caller.tenantId, {
      ...(after === undefined ? {} : { after }),
      limit: query.pageSize + 1,
    });
    return pageOf(items, query.pageSize, { tokenOf: ({ name }) => name });
  }

  @Endpoint(routes.setSecret)
  set(
    @Param('secret') name: string,
    @Body() body: SetSecret,
    @Caller() caller: Context,
  ): Promise<Secret> {
    return this.secrets.set(caller, name, body);
  }

  @Endpoint(routes.deleteSecret)
  delete(@Param('secret') name: string, @Caller() caller: Context): Promise<void> {
    return this.secrets.delete(caller, name);
  }
}
