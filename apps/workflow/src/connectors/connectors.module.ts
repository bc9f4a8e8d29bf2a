import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { APP_POOL, CONFIG, Outbox } from '@parley/nest-kit';
import { Outbound } from '@parley/outbound';
import type { Pool } from '@parley/postgres';
import type { WorkflowConfig } from '../config.js';
import { CallProofs } from '../outbound-calls/call-proofs.js';
import { ConnectorCaller } from '../outbound-calls/connector-caller.js';
import { ConnectorTargets } from '../outbound-calls/connector-targets.pg.js';
import { OauthTokens } from '../outbound-calls/oauth-tokens.js';
import { OutboundCalls } from '../outbound-calls/outbound-calls.js';
import { SecretStore } from '../secrets/secret-store.pg.js';
import { SecretsHttp } from '../secrets/secrets.http.js';
import { Catalogues } from './catalogues.js';
import { ConnectionTest } from './connection-test.js';
import { ConnectorImporter } from './connector-importer.js';
import { ConnectorSettings } from './connector-settings.js';
import { ConnectorSettingsHttp, ConnectorsHttp } from './connectors.http.js';
import { ConnectorsDb } from './connectors-db.js';
import { CredentialVault } from './credential-vault.js';
import { DemoLoader } from './demo-loader.js';
import { ownPlaces } from './own-places.js';

/** Connectors, their catalogue, secrets, and the calls that runs make through them. */
@Global()
@Module({
  controllers: [ConnectorsHttp, ConnectorSettingsHttp, SecretsHttp],
  providers: [
    ConnectorsDb,
    Catalogues,
    ConnectorImporter,
    ConnectorSettings,
    ConnectionTest,
    DemoLoader,
    ConnectorCaller,
    ConnectorTargets,
    OauthTokens,
    CallProofs,
    OutboundCalls,
    {
      provide: Outbound,
      inject: [CONFIG],
      useFactory: (config: WorkflowConfig) =>
        new Outbound({ ...ownPlaces(config), standIns: config.standIns }),
    },
    {
      provide: CredentialVault,
      inject: [CONFIG],
      useFactory: (config: WorkflowConfig) => new CredentialVault(config.installationKey),
    },
    {
      provide: SecretStore,
      inject: [APP_POOL, CredentialVault, Outbox],
      useFactory: (pool: Pool, vault: CredentialVault, outbox: Outbox) =>
        new SecretStore({ pool, vault, changed: () => outbox.hint() }),
    },
  ],
  exports: [Catalogues, OutboundCalls],
})
export class ConnectorsModule implements OnApplicationShutdown {
  constructor(@Inject(Outbound) private readonly outbound: Outbound) {}

  onApplicationShutdown(): Promise<void> {
    return this.outbound.close();
  }
}
