import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import {
  routes,
  type ConfigureConnector,
  type ImportConnector,
  type PageQuery,
  type SetCredential,
} from '@parley/contracts';
import { Caller, Endpoint, pageOf, pageTokenOf, type Context } from '@parley/nest-kit';
import { Catalogues } from './catalogues.js';
import { findConnector, ConnectorImporter, tellConfigured } from './connector-importer.js';
import { ConnectorSettings } from './connector-settings.js';
import { ConnectorsDb } from './connectors-db.js';
import { viewOf, withSettings } from './connector-view.js';
import { ConnectionTest } from './connection-test.js';
import { DemoLoader } from './demo-loader.js';
import { readDocument } from './read-document.js';

@Controller()
export class ConnectorsHttp {
  constructor(
    @Inject(ConnectorsDb) private readonly db: ConnectorsDb,
    @Inject(Catalogues) private readonly catalogues: Catalogues,
    @Inject(ConnectorImporter) private readonly importer: ConnectorImporter,
  ) {}

  @Endpoint(routes.listConnectors)
  list(@Query() query: PageQuery, @Caller() { tenantId }: Context) {
    const after = pageTokenOf(query.pageToken, /^[a-z0-9-]{1,63}$/);
    return this.db.withTenant(tenantId, async (tx) => {
      const rows = await tx.connector.findMany({
        where: { tenantId, ...(after === undefined ? {} : { name: { gt: after } }) },
        orderBy: { name: 'asc' },
        take: query.pageSize + 1,
        include: withSettings,
      });
      return pageOf(rows, query.pageSize, { tokenOf: ({ name }) => name, item: viewOf });
    });
  }

  @Endpoint(routes.importConnector)
  async import(@Body() body: ImportConnector, @Caller() caller: Context) {
    const { document: text, name, sourceUrl } = body;
    const read = await readDocument(text, { name, sourceUrl });
    const [connector] = await this.importer.store(caller, [{ text, read, sourceUrl }]);
    return connector;
  }

  @Endpoint(routes.getConnector)
  get(@Param('connector') name: string, @Caller() { tenantId }: Context) {
    return this.db.withTenant(tenantId, async (tx) =>
      viewOf(await findConnector(tx, tenantId, name)),
    );
  }

  @Endpoint(routes.deleteConnector)
  async delete(@Param('connector') name: string, @Caller() caller: Context): Promise<void> {
    const { tenantId } = caller;
    await this.db.change(tenantId, async (tx) => {
      await this.catalogues.changed(tx, tenantId);
      const connector = await findConnector(tx, tenantId, name);
      await tx.connector.delete({ where: { tenantId_id: { tenantId, id: connector.id } } });
      await tellConfigured(tx, caller, { connector, change: 'removed' });
    });
  }

  @Endpoint(routes.getConnectorCatalogue)
  operations(@Param('connector') name: string, @Caller() { tenantId }: Context) {
    return this.db.withTenant(tenantId, async (tx) =>
      this.catalogues.ofConnector(tx, await findConnector(tx, tenantId, name)),
    );
  }

  @Endpoint(routes.getCatalogue)
  catalogue(@Caller() { tenantId }: Context) {
    return this.catalogues.of(tenantId);
  }
}

@Controller()
export class ConnectorSettingsHttp {
  constructor(
    @Inject(ConnectorSettings) private readonly settings: ConnectorSettings,
    @Inject(ConnectionTest) private readonly test: ConnectionTest,
    @Inject(DemoLoader) private readonly demo: DemoLoader,
  ) {}

  @Endpoint(routes.loadDemo)
  loadDemo(@Caller() caller: Context) {
    return this.demo.load(caller);
  }

  @Endpoint(routes.configureConnector)
  configure(
    @Param('connector') name: string,
    @Body() body: ConfigureConnector,
    @Caller() caller: Context,
  ) {
    return this.settings.configure(caller, name, body);
  }

  @Endpoint(routes.setCredential)
  async setCredential(
    @Param('connector') name: string,
    @Param('scheme') scheme: string,
    @Body() body: SetCredential,
    @Caller() caller: Context,
  ): Promise<void> {
    await this.settings.setCredential(caller, { name, scheme }, body);
  }

  @Endpoint(routes.deleteCredential)
  async deleteCredential(
    @Param('connector') name: string,
    @Param('scheme') scheme: string,
    @Caller() caller: Context,
  ): Promise<void> {
    await this.settings.deleteCredential(caller, { name, scheme });
  }

  @Endpoint(routes.testConnector)
  testConnector(@Param('connector') name: string, @Caller() caller: Context) {
    return this.test.run(caller, name);
  }
}
