import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { standardOutput } from './log-lines.js';
import { currentScope, traceIdOf } from './scope.js';

/** JSON lines on standard output: service, tenant, run, request and trace come with every line. */
export type Log = PinoLogger;

const secretNames = [
  'authorization',
  'cookie',
  '["parley-context"]',
  'password',
  'token',
  'secret',
  'credential',
  'apiKey',
  'signingKey',
  'installationKey',
  'dbOwnerUrl',
  'dbAppUrl',
  'dbSystemUrl',
];

/** Secrets are removed at the first two levels of what is logged; do not log whole bodies. */
const redactedPaths = secretNames.flatMap((name) => {
  const child = name.startsWith('[') ? name : `.${name}`;
  return [name, `*${child}`];
});

export interface LogOptions {
  readonly service: string;
  readonly level: string;
  /** @default standard output */
  readonly destination?: DestinationStream;
}

export function createLog(options: LogOptions): Log {
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactedPaths, censor: '[redacted]' },
    mixin: scopeFields,
  };
  return pino(settings, options.destination ?? standardOutput());
}

function scopeFields(): Record<string, string> {
  const scope = currentScope();
  if (!scope) return {};
  const { tenantId, runId } = scope.context ?? {};
  return {
    requestId: scope.requestId,
    traceId: traceIdOf(scope.traceparent),
    ...(tenantId !== undefined && { tenantId }),
    ...(runId !== undefined && { runId }),
  };
}

/** Nest's own messages in the same stream; what it tells about its start is for debugging. */
export function nestLogger(log: Log): LoggerService {
  const context = (rest: unknown[]) => ({
    nest: rest.findLast((item) => typeof item === 'string'),
  });
  return {
    log: (message: unknown, ...rest: unknown[]) => log.debug(context(rest), String(message)),
    debug: (message: unknown, ...rest: unknown[]) => log.debug(context(rest), String(message)),
    verbose: (message: unknown, ...rest: unknown[]) => log.trace(context(rest), String(message)),
    warn: (message: unknown, ...rest: unknown[]) => log.warn(context(rest), String(message)),
    error: (message: unknown, ...rest: unknown[]) =>
      message instanceof Error
        ? log.error({ err: message, ...context(rest) }, message.message)
        : log.error({ detail: rest }, String(message)),
    fatal: (message: unknown, ...rest: unknown[]) => log.fatal(context(rest), String(message)),
  };
}
