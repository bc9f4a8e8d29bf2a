import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ContextTokens,
  type Log,
  LOG,
  sendProblem,
  type ServiceDefinition,
  Services,
  STOPPING,
} from '@parley/nest-kit';
import { Callers } from './bearer/callers.js';
import { TokenVerifier } from './bearer/token-verifier.js';
import type { GatewayConfig } from './config.js';
import { consolePlugin } from './edge/console.js';
import { HostCheck } from './edge/host-check.js';
import { addSecurityHeaders } from './edge/security-headers.js';
import { GatewayModule } from './gateway.module.js';
import { proxyPlugin, type ProxyParts } from './proxy/proxy.js';
import { Upstream } from './proxy/upstream.js';
import { passUpgrades } from './proxy/websocket.js';
import { upstreamsOf } from './upstreams.js';

export function gatewayService(config: GatewayConfig): ServiceDefinition {
  return {
    name: 'gateway',
    module: GatewayModule,
    config,
    extend: (app) => extend(app, config),
  };
}

function extend(app: NestFastifyApplication, config: GatewayConfig): void {
  const server = app.getHttpAdapter().getInstance();
  const log = app.get<Log>(LOG);
  const hosts = new HostCheck(config.host, config.allowedHosts);
  addSecurityHeaders(server, config.oidcIssuer);
  server.addHook('onRequest', (request, reply, done) => {
    try {
      hosts.check(request.headers.host);
      done();
    } catch (error) {
      sendProblem(error, { request, reply, log });
    }
  });
  const verifier = new TokenVerifier(config.oidcIssuer, config.oidcAudience);
  const parts: ProxyParts = {
    callers: new Callers(verifier, app.get(Services)),
    tokens: app.get(ContextTokens),
    upstream: new Upstream(),
    upstreams: upstreamsOf(config),
    log,
    stopping: app.get<AbortSignal>(STOPPING),
  };
  server.register(proxyPlugin(parts));
  if (config.consoleDir !== undefined)
    server.register(consolePlugin({ dir: config.consoleDir, log }));
  passUpgrades(server.server, parts, hosts);
  server.addHook('onClose', () => parts.upstream.close());
}
