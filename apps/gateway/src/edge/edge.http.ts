import { Controller, Inject } from '@nestjs/common';
import { type ClientConfig, type PlatformHealth, routes } from '@parley/contracts';
import { CONFIG, Endpoint } from '@parley/nest-kit';
import type { GatewayConfig } from '../config.js';
import { upstreamsOf } from '../upstreams.js';
import { ServiceHealth } from './service-health.js';

/** What the gateway answers itself. */
@Controller()
export class EdgeController {
  private readonly health: ServiceHealth;

  constructor(@Inject(CONFIG) private readonly config: GatewayConfig) {
    this.health = new ServiceHealth(upstreamsOf(config));
  }

  @Endpoint(routes.clientConfig)
  clientConfig(): ClientConfig {
    const { oidcIssuer, oidcClientId, oidcAudience } = this.config;
    return { issuer: oidcIssuer, clientId: oidcClientId, audience: oidcAudience };
  }

  @Endpoint(routes.health)
  platformHealth(): Promise<PlatformHealth> {
    return this.health.report();
  }
}
