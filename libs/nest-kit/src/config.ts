import { readFileSync } from 'node:fs';
import { AppError } from '@parley/kernel';
import { z } from 'zod';

const serviceNames = [
  'gateway',
  'conversation',
  'agent',
  'workflow',
  'platform',
  'dsl-compiler',
] as const;

const jwk = z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), kid: z.string() });
const privateJwk = jwk.extend({ x: z.string(), d: z.string() });

/** What every service needs; a key `dbOwnerUrl` is read from `PARLEY_DB_OWNER_URL` (or `…_FILE`). */
export const baseConfig = z.object({
  service: z.enum(serviceNames),
  host: z.string().default('127.0.0.1'),
  port: z.coerce.number().int().min(0).max(65_535),
  home: z.string().default('.parley'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Own Ed25519 private key as JWK; its kid is the service's name. */
  signingKey: jsonText(privateJwk),
  /** Public keys of every service as JWKS. */
  trustedKeys: jsonText(z.object({ keys: z.array(jwk.extend({ x: z.string() })).min(1) })),
  conversationUrl: z.url().default('http://127.0.0.1:7411'),
  agentUrl: z.url().default('http://127.0.0.1:7412'),
  workflowUrl: z.url().default('http://127.0.0.1:7413'),
  /** Of further processes of the workflow service, separated by commas. */
  workflowReplicaUrls: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((url) => url !== ''))
    .pipe(z.array(z.url())),
  platformUrl: z.url().default('http://127.0.0.1:7414'),
  dslCompilerUrl: z.url().default('http://127.0.0.1:7415'),
});
export type BaseConfig = Readonly<z.infer<typeof baseConfig>>;

/** For services with a schema of their own: `baseConfig.extend(databaseConfig.shape)`. */
export const databaseConfig = z.object({
  /** Migrations only. */
  dbOwnerUrl: z.string().min(1),
  /** Request handlers: row-level security applies. */
  dbAppUrl: z.string().min(1),
  /** Relay, consumers, sweeps: named cross-tenant policies. */
  dbSystemUrl: z.string().min(1),
});

export type DatabaseConfig = Readonly<z.infer<typeof databaseConfig>>;

/** For services that keep secrets at rest. */
export const installationKeyConfig = z.object({ installationKey: z.string().min(1) });

/** What another attempt cannot change: somebody has to change the configuration, or the version. */
export class CannotStart extends AppError {
  constructor(message: string) {
    super('invalid', message);
  }
}

/** How a process ends that cannot start: whoever keeps it running does not start it again. */
export const cannotStartExitCode = 78;

/**
 * Reads the configuration once and freezes it. Every key can be given as `PARLEY_<KEY>` or, for
 * values that should not be in an environment, as a file named by `PARLEY_<KEY>_FILE`.
 * @throws CannotStart that lists every bad key, never a value.
 */
export function loadConfig<S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<z.infer<S>> {
  const faults: string[] = [];
  const input: Record<string, string> = {};
  for (const key of Object.keys(schema.shape)) {
    const value = readKey(variableOf(key), env, faults);
    if (value !== undefined) input[key] = value;
  }
  const unreadable = new Set(faults.map((fault) => fault.slice(0, fault.indexOf(':'))));
  const parsed = schema.safeParse(input);
  for (const issue of parsed.error?.issues ?? []) {
    const variable = variableOf(String(issue.path[0]));
    if (!unreadable.has(variable)) faults.push(`${variable}: ${issue.message}`);
  }
  if (faults.length > 0 || !parsed.success) {
    throw new CannotStart(`The configuration is not usable:\n  ${faults.join('\n  ')}`);
  }
  return Object.freeze(parsed.data);
}

function readKey(
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
  faults: string[],
): string | undefined {
  const value = env[variable];
  const file = env[`${variable}_FILE`];
  if (value !== undefined && file !== undefined) {
    faults.push(`${variable}: given both directly and as ${variable}_FILE`);
    return undefined;
  }
  if (file === undefined) return value;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const { code = 'unreadable' } = cause as NodeJS.ErrnoException;
    faults.push(`${variable}: the file ${file} cannot be read (${code})`);
    return undefined;
  }
}

function variableOf(key: string): string {
  return `PARLEY_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

function jsonText<S extends z.ZodType>(schema: S) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}
