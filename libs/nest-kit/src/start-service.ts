import 'reflect-metadata';
import { setMaxListeners } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { DynamicModule, InjectionToken, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServiceName } from '@parley/contracts';
import { type BusConsumer, BusStrategy } from './bus/bus-strategy.js';
import { CannotStart, cannotStartExitCode, type BaseConfig } from './config.js';
import { ContextTokens } from './context-tokens.js';
import { Health } from './health.js';
import { ContextGuard } from './http/context-guard.js';
import { ProblemFilter } from './http/problem-filter.js';
import { createServer } from './http/server.js';
import { SchemaPipe } from './http/validation.js';
import { KitModule, type KitParts } from './kit.module.js';
import { createLog, type Log, nestLogger } from './logging.js';
import { Services } from './services.js';

export interface ServiceDefinition {
  readonly name: ServiceName;
  readonly module: Type | DynamicModule;
  readonly config: BaseConfig;
  /** Services whose work tokens are accepted; @default none */
  readonly acceptWorkFrom?: readonly ServiceName[];
  /** Token of the provider that `@EventPattern` handlers are fed from; @default no events */
  readonly bus?: InjectionToken;
  /** Runs before anything else, e.g. migrations. */
  readonly prepare?: (log: Log) => Promise<void>;
  /** Adds what Nest does not model to the application before it listens. */
  readonly extend?: (app: NestFastifyApplication) => void | Promise<void>;
  /** @default from the configuration, to standard output */
  readonly log?: Log;
}

/** A service that listens. */
export interface RunningService {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly log: Log;
  /** Stops taking work, ends streams, finishes what runs, closes pools. */
  close(): Promise<void>;
}

const shutdownMsMax = 10_000;

/**
 * Runs a service as this process: ends on SIGTERM and SIGINT, exits 1 when it cannot start, and 78 when
 * it never will, as with a configuration that `define` cannot read.
 */
export async function startService(define: () => ServiceDefinition): Promise<void> {
  let log = createLog({ service: process.env.PARLEY_SERVICE ?? 'unknown', level: 'info' });
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection');
    process.exit(1);
  });
  try {
    const definition = define();
    const { name, config } = definition;
    log = definition.log ?? createLog({ service: name, level: config.logLevel });
    const service = await createService({ ...definition, log });
    log.info({ url: service.url }, 'ready');
    stopOnSignal(service);
  } catch (error) {
    log.fatal({ err: error }, 'the service cannot start');
    process.exit(error instanceof CannotStart ? cannotStartExitCode : 1);
  }
}

/** Starts a service inside the current process without touching signals; tests use this too. */
export async function createService(definition: ServiceDefinition): Promise<RunningService> {
  const { config, name } = definition;
  const log = definition.log ?? createLog({ service: name, level: config.logLevel });
  await definition.prepare?.(log);
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // every open stream listens
  const parts = kitParts(definition, log, stopping.signal);
  const app = await createApplication(definition, parts);
  await definition.extend?.(app);
  if (definition.bus !== undefined) connectBus(app, definition.bus, { name, parts });
  try {
    if (definition.bus !== undefined) await app.startAllMicroservices();
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    app,
    log,
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    close: async () => {
      parts.health.stop();
      stopping.abort();
      await app.close();
      await parts.services.close();
    },
  };
}

function kitParts(definition: ServiceDefinition, log: Log, stopping: AbortSignal): KitParts {
  const { config, name } = definition;
  const tokens = new ContextTokens({
    service: name,
    signingKey: config.signingKey,
    trustedKeys: config.trustedKeys,
    acceptWorkFrom: definition.acceptWorkFrom ?? [],
  });
  const services = new Services(name, tokens, {
    conversation: config.conversationUrl,
    agent: config.agentUrl,
    workflow: [config.workflowUrl, ...config.workflowReplicaUrls],
    platform: config.platformUrl,
    'dsl-compiler': config.dslCompilerUrl,
  });
  return { config, log, tokens, services, health: new Health(), stopping };
}

async function createApplication(
  definition: ServiceDefinition,
  parts: KitParts,
): Promise<NestFastifyApplication> {
  const { log, health, stopping } = parts;
  const { adapter, methodsOf } = createServer({ log, health, stopping });
  const root: DynamicModule = {
    ...KitModule.of(parts),
    imports: [definition.module as Type],
  };
  const settings = { logger: nestLogger(log), bodyParser: false, abortOnError: false };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest takes a literal
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, settings);
  app.useGlobalGuards(new ContextGuard(parts.tokens));
  app.useGlobalPipes(new SchemaPipe());
  app.useGlobalFilters(new ProblemFilter(log, methodsOf));
  return app;
}

function connectBus(
  app: NestFastifyApplication,
  token: InjectionToken,
  { name, parts }: { name: ServiceName; parts: KitParts },
): void {
  const bus = app.get<BusConsumer>(token);
  const strategy = new BusStrategy({
    bus,
    service: name,
    log: parts.log,
    stopping: parts.stopping,
  });
  // The guard and the filter of HTTP tell events apart and let them pass.
  app.connectMicroservice({ strategy }, { inheritAppConfig: true });
}

function stopOnSignal(service: RunningService): void {
  let stoppingSince: number | undefined;
  const stop = (reason: string) => {
    if (stoppingSince !== undefined) return;
    stoppingSince = Date.now();
    service.log.info({ reason }, 'stopping');
    setTimeout(() => {
      service.log.error({ limitMs: shutdownMsMax }, 'did not stop in time');
      process.exit(1);
    }, shutdownMsMax).unref();
    service.close().then(
      () => process.exit(0),
      (error: unknown) => {
        service.log.error({ err: error }, 'failed while stopping');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  // A launcher that starts services with a channel takes them along when it dies.
  process.once('disconnect', () => stop('launcher is gone'));
}
