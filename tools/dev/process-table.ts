import { join } from 'node:path';

import type { Watchdog } from '@parley/postgres-server';

import {
  commonEnvironment,
  compileCacheOf,
  issuerEnvironment,
  processesOf,
  schemaOwners,
  serviceEnvironment,
  serviceNames,
  urlOf,
  type Environment,
  type Installation,
  type ServiceName,
  type ServiceProcess,
} from './environment.ts';
import { portOffsets } from './ports.ts';
import type { EmbeddedPostgres } from './postgres.ts';
import type { Launch, ProcessSpec } from './process-spec.ts';
import { answers } from './readiness.ts';

export interface TableOptions {
  /** Absent when DATABASE_URL names a server. */
  readonly postgres?: EmbeddedPostgres;
  readonly demo: boolean;
  readonly watchdog: () => Watchdog;
}

/** Tiers of the stop order: what answers to the outside goes first, the database last. */
const tiers = { database: 0, services: 1, edge: 2 };

interface Heap {
  /** In MiB. */
  readonly oldMax: number;
  /** One half of the young space, in MiB: what every start goes through makes most garbage. */
  readonly semiMax: number;
  /** By how much of what lives the old space grows before it is cleaned up; @default V8 decides */
  readonly growingPercent?: number;
}

const heap: Partial<Record<string, Heap>> = {
  // Cleaning up takes both of two cores for a tenth of a second, and whoever comes then notices it.
  workflow: { oldMax: 512, semiMax: 16, growingPercent: 200 },
  gateway: { oldMax: 256, semiMax: 16 },
};
const heapDefault: Heap = { oldMax: 256, semiMax: 8 };

/** Every process of an installation, dependencies before dependents. */
export function processTable(installation: Installation, options: TableOptions): ProcessSpec[] {
  const { postgres } = options;
  return [
    ...(postgres === undefined ? [] : [postgres.spec(options.watchdog)]),
    provisioning(installation, postgres !== undefined),
    issuer(installation),
    ...serviceNames.flatMap((name) =>
      processesOf(installation, name).map((process) => service(installation, name, process)),
    ),
    ...(options.demo ? [demo(installation)] : []),
  ];
}

function provisioning(installation: Installation, embedded: boolean): ProcessSpec {
  const { root, adminUrl, home, outer } = installation;
  const { PATH = '', NODE_EXTRA_CA_CERTS: authorities } = outer;
  const env = {
    PATH,
    ...(authorities !== undefined && { NODE_EXTRA_CA_CERTS: authorities }),
    NODE_COMPILE_CACHE: compileCacheOf(installation),
    PARLEY_HOME: home.dir,
    PARLEY_DB_ADMIN_URL: adminUrl,
  };
  return {
    name: 'provision',
    after: embedded ? ['postgres'] : [],
    tier: tiers.services,
    once: true,
    prepare: () => node(root, 'tools/dev/provision.ts', env),
    isReady: () => false,
  };
}

function issuer(installation: Installation): ProcessSpec {
  const { root, portBase } = installation;
  return {
    name: 'issuer',
    port: portBase + portOffsets.issuer,
    after: [],
    tier: tiers.edge,
    prepare: () => node(root, 'tools/dev/issuer/main.ts', issuerEnvironment(installation)),
    isReady: () => answers(`${urlOf(installation, 'issuer')}/.well-known/openid-configuration`),
  };
}

function service(
  installation: Installation,
  name: ServiceName,
  process: ServiceProcess,
): ProcessSpec {
  const { root, portBase } = installation;
  const environment = () => serviceEnvironment(installation, name, process);
  return {
    name: process,
    port: portBase + portOffsets[process],
    after: schemaOwners.includes(name) ? ['provision'] : [],
    tier: name === 'gateway' ? tiers.edge : tiers.services,
    prepare: () => node(root, `apps/${name}/dist/main.js`, environment(), heap[name]),
    isReady: () => answers(`${urlOf(installation, process)}/readyz`),
  };
}

function demo(installation: Installation): ProcessSpec {
  const { root, portBase } = installation;
  return {
    name: 'demo',
    port: portBase + portOffsets.demo,
    after: [],
    tier: tiers.edge,
    prepare: () => node(root, 'tools/demo/main.ts', commonEnvironment(installation, 'demo')),
    isReady: () => answers(`${urlOf(installation, 'demo')}/readyz`),
  };
}

function node(
  root: string,
  program: string,
  env: Environment,
  { oldMax, semiMax, growingPercent }: Heap = heapDefault,
): Launch {
  const limits = [
    `--max-old-space-size=${oldMax}`,
    `--max-semi-space-size=${semiMax}`,
    ...(growingPercent === undefined ? [] : [`--heap-growing-percent=${growingPercent}`]),
  ];
  return { command: process.execPath, args: [...limits, join(root, program)], env, cwd: root };
}
