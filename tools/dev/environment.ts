import { join } from 'node:path';

import { AppError } from '@parley/kernel';

import type { Home } from './home.ts';
import type { Keys } from './keys.ts';
import { portOffsets } from './ports.ts';

/** Services of our own, each with its signing key; they verify each other's tokens. */
export const serviceNames = [
  'platform',
  'dsl-compiler',
  'workflow',
  'agent',
  'conversation',
  'gateway',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/**
 * The processes of the workflow service, as many as are wanted of them: no more than the connections
 * of the database's roles are enough for (`connectionLimits` of the provisioner).
 */
const workflowProcesses = ['workflow', 'workflow-2', 'workflow-3'] as const;
export type ServiceProcess = ServiceName | (typeof workflowProcesses)[number];

/** How many processes share the engine's work, as `PARLEY_WORKFLOW_REPLICAS` has it. */
export function parseWorkflowReplicas(text: string | undefined): number {
  if (text === undefined || text === '') return 1;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= workflowProcesses.length) return count;
  throw new AppError(
    'invalid',
    `PARLEY_WORKFLOW_REPLICAS must be 1 to ${workflowProcesses.length}, not "${text}".`,
  );
}

/** Names of the processes of a service. */
export function processesOf(
  { workflowReplicas }: Pick<Installation, 'workflowReplicas'>,
  name: ServiceName,
): readonly ServiceProcess[] {
  return name === 'workflow' ? workflowProcesses.slice(0, workflowReplicas) : [name];
}

/** Those that own a schema, hence three database roles. */
export const schemaOwners: readonly ServiceName[] = [
  'platform',
  'workflow',
  'agent',
  'conversation',
];
export const databaseRoles = ['owner', 'app', 'system'] as const;

export interface Installation {
  readonly root: string;
  readonly home: Home;
  readonly keys: Keys;
  readonly portBase: number;
  /** Processes of the workflow service. */
  readonly workflowReplicas: number;
  /** Superuser's URL of the database. */
  readonly adminUrl: string;
  /** The caller's own environment. */
  readonly outer: NodeJS.ProcessEnv;
}

export type Environment = Record<string, string>;

const host = '127.0.0.1';

export function urlOf({ portBase }: Installation, name: keyof typeof portOffsets): string {
  return `http://${host}:${portBase + portOffsets[name]}`;
}

/**
 * Beside the packages and not in the home: a process that ends writes what is new in it, which takes
 * seconds of processor time, and temporary homes would pay for it every time.
 */
export function compileCacheOf({ root }: Installation): string {
  return join(root, 'node_modules/.cache/parley/compiled');
}

/** What every process of the platform is given. */
export function commonEnvironment(
  installation: Installation,
  name: keyof typeof portOffsets,
): Environment {
  const { home, portBase, outer } = installation;
  return {
    ...passedOn(outer, name === 'agent'),
    NODE_ENV: outer.NODE_ENV ?? 'development',
    NODE_COMPILE_CACHE: compileCacheOf(installation),
    PARLEY_HOME: home.dir,
    PARLEY_HOST: host,
    PARLEY_PORT: String(portBase + portOffsets[name]),
    PARLEY_PORT_BASE: String(portBase),
  };
}

/** @param process which process of the service */
export function serviceEnvironment(
  installation: Installation,
  name: ServiceName,
  process: ServiceProcess = name,
): Environment {
  const { keys } = installation;
  const [, ...replicas] = processesOf(installation, 'workflow');
  return {
    ...commonEnvironment(installation, process),
    PARLEY_SERVICE: name,
    PARLEY_SIGNING_KEY_FILE: keys.signingKeyFile(name),
    PARLEY_TRUSTED_KEYS_FILE: keys.trustedKeysFile,
    PARLEY_CONVERSATION_URL: urlOf(installation, 'conversation'),
    PARLEY_AGENT_URL: urlOf(installation, 'agent'),
    PARLEY_WORKFLOW_URL: urlOf(installation, 'workflow'),
    ...(replicas.length > 0 && {
      PARLEY_WORKFLOW_REPLICA_URLS: replicas.map((one) => urlOf(installation, one)).join(','),
    }),
    PARLEY_PLATFORM_URL: urlOf(installation, 'platform'),
    PARLEY_DSL_COMPILER_URL: urlOf(installation, 'dsl-compiler'),
    ...(schemaOwners.includes(name) && databaseEnvironment(installation, name)),
    ...ownEnvironment(installation, name),
  };
}

export function issuerEnvironment(installation: Installation): Environment {
  return {
    ...commonEnvironment(installation, 'issuer'),
    PARLEY_CONSOLE_URL: urlOf(installation, 'gateway'),
    PARLEY_ISSUER_LOGIN_TOKEN_FILE: installation.home.loginTokenFile,
  };
}

/** Name of a service's database role. */
export function roleName(service: string, role: (typeof databaseRoles)[number]): string {
  return `${service.replaceAll('-', '_')}_${role}`;
}

function ownEnvironment(installation: Installation, name: ServiceName): Environment {
  if (name === 'workflow') {
    return {
      PARLEY_INSTALLATION_KEY_FILE: installation.keys.installationKeyFile,
      PARLEY_DEMO_URL: urlOf(installation, 'demo'),
    };
  }
  // The people of the development issuer become members.
  if (name === 'platform') return { PARLEY_DEV_SEED: '1' };
  if (name === 'gateway') {
    return {
      PARLEY_OIDC_ISSUER: urlOf(installation, 'issuer'),
      PARLEY_OIDC_AUDIENCE: 'parley',
      PARLEY_OIDC_CLIENT_ID: 'parley-console',
      PARLEY_CONSOLE_DIR: join(installation.root, 'apps/console/dist'),
    };
  }
  return {};
}

function databaseEnvironment({ adminUrl, keys }: Installation, service: ServiceName): Environment {
  return Object.fromEntries(
    databaseRoles.map((role) => {
      const url = new URL(adminUrl);
      url.username = roleName(service, role);
      url.password = keys.databasePassword(url.username);
      return [`PARLEY_DB_${role.toUpperCase()}_URL`, url.href] as const;
    }),
  );
}

const machineVariables =
  /^(PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|(HTTPS?|NO|ALL)_PROXY|OTEL_.*)$/i;
/** Given by the launcher, or not meant for services at all. */
const ownVariables =
  /^PARLEY_(SERVICE|HOST|PORT|PORT_BASE|HOME|FIRST_STAGE|DB_.*|.*_KEYS?_FILE|.*_URLS?|OIDC_.*|ISSUER_LOGIN_.*|CONSOLE_DIR)$/;

/** Model settings hold credentials: only the agent, which calls models, sees them. */
function passedOn(outer: NodeJS.ProcessEnv, isAgent: boolean): Environment {
  const passed = Object.entries(outer).filter(([name]) => {
    if (name.startsWith('PARLEY_LLM_')) return isAgent;
    return machineVariables.test(name) || (name.startsWith('PARLEY_') && !ownVariables.test(name));
  });
  return Object.fromEntries(passed.map(([name, value]) => [name, value ?? '']));
}
