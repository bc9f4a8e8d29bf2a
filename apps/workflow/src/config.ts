import { baseConfig, databaseConfig, installationKeyConfig, loadConfig } from '@parley/nest-kit';
import { executorNames } from '@parley/ir';
import type { StandIns } from '@parley/outbound';
import { z } from 'zod';

const schema = baseConfig
  .extend(databaseConfig.shape)
  .extend(installationKeyConfig.shape)
  .extend({
    /** Where the demo business listens; "Load demo" is not available without it. */
    demoUrl: z.url().optional(),
    /** Where the other processes of this service reach this one. @default by host and port */
    replicaUrl: z.url().optional(),
    /** First of Parley's own ports: calls to them can never be approved. */
    portBase: z.coerce.number().int().min(1).max(65_000).default(7400),
    /** What may run processes that need more than the engine, `shell` and `container`; separated by commas. */
    executors: z
      .string()
      .transform((names) => names.split(',').filter((name) => name !== ''))
      .pipe(z.array(z.enum(executorNames)))
      .optional(),
    /** What runs containers: podman, docker, or the path of a program that takes the same commands. @default podman */
    containerRuntime: z
      .string()
      .regex(/^(podman|docker|\/\S+)$/, 'podman, docker, or an absolute path')
      .optional(),
    /**
     * Network that containers get; none, unless it is named here. The host's own cannot be given. What it
     * reaches, containers reach without an approval: metadata services and Parley's own ports, too.
     */
    containerNetwork: z
      .string()
      .regex(/^(?!host$)[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'the name of a network, but not host')
      .optional(),
    /** Memory of a container, in MiB; 512. Its disk has no such limit: it can fill the host's. */
    containerMemoryMib: z.coerce.number().int().min(16).max(1_048_576).optional(),
    /** CPUs of a container; 1. */
    containerCpus: z.coerce.number().min(0.1).max(1_024).optional(),
    /** Days without a change after which the journal of an ended run is moved into an archive; 30. */
    archiveAfterDays: z.coerce.number().min(0).optional(),
    /** Days without a change after which an ended run is removed, with its archive and its start key; 365. */
    removeAfterDays: z.coerce.number().min(0).optional(),
    /** Steps of a run that become durable together, at most; 1: each before the next begins. */
    stepsPerTurn: z.coerce.number().int().min(1).max(2_000).optional(),
  });
export type WorkflowConfig = Readonly<z.infer<typeof schema>> & {
  /** For tests alone: no environment can set it. */
  readonly standIns?: StandIns;
};

export function workflowConfig(env = process.env): WorkflowConfig {
  return loadConfig(schema, env);
}
