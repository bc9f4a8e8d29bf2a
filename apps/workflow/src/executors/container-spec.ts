import { isContainerName, isImageName, isVariableName } from '@parley/ir';
import { err, isJsonObject, ok, type Json, type JsonObject, type Result } from '@parley/kernel';
import { asText } from './local-shell.js';

/** What a definition says about a container, as it can be run. */
export interface ContainerSpec {
  readonly image: string;
  readonly name?: string;
  readonly pull: 'missing' | 'always' | 'never';
  /** What is run in it, for its own shell; absent: what the image says. */
  readonly command?: string;
  readonly argv: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly stdin: string;
}

const pulls: ReadonlyMap<Json, ContainerSpec['pull']> = new Map([
  ['ifNotPresent', 'missing'],
  ['always', 'always'],
  ['never', 'never'],
]);

/** Reads what was evaluated: none of it is trusted. @returns the reason why it is not run, in words */
export function readContainer(args: Json): Result<ContainerSpec, string> {
  if (!isJsonObject(args)) return err('A container needs an `image`.');
  const { image, name, command, pullPolicy = 'ifNotPresent', stdin = '' } = args;
  const pull = pulls.get(pullPolicy);
  const argv = Array.isArray(args['arguments']) ? args['arguments'].map(asText) : [];
  const env = isJsonObject(args['environment']) ? Object.entries(args['environment']) : [];
  const values = env.map(([key, value]) => [key, asText(value)] as const);
  const refusal =
    notAvailable(args) ??
    (typeof image !== 'string' || !isImageName(image)
      ? `${shown(image)} is no name of an image, such as docker.io/library/alpine:3.`
      : undefined) ??
    (name !== undefined && (typeof name !== 'string' || !isContainerName(name))
      ? `A container cannot be called ${shown(name)}: letters, digits, "_", "." and "-" can be in its name, at most 100.`
      : undefined) ??
    (pull === undefined ? `${shown(pullPolicy)} is no pull policy.` : undefined) ??
    ([command, ...argv].some((text) => typeof text === 'string' && text.includes('\0'))
      ? 'What a container is given cannot contain U+0000.'
      : undefined) ??
    refusedVariable(values);
  if (refusal !== undefined) return err(refusal);
  return ok({
    image: image as string,
    ...(typeof name === 'string' ? { name } : {}),
    pull: pull ?? 'missing',
    ...(command === undefined ? {} : { command: asText(command) }),
    argv,
    env: values,
    stdin: asText(stdin),
  });
}

/** Nothing of the host, and nothing that stays. The compiler has said so before. */
function notAvailable({ ports, volumes, lifetime }: JsonObject): string | undefined {
  if (ports !== undefined) return 'Ports of the host are not available to containers.';
  if (volumes !== undefined) return 'Folders of the host are not available to containers.';
  const cleanup = isJsonObject(lifetime) ? lifetime['cleanup'] : 'always';
  return cleanup === 'always' ? undefined : 'Containers are always removed when they have ended.';
}

/** They go into a file with a line for each, so that nobody sees them in a list of processes. */
function refusedVariable(env: ContainerSpec['env']): string | undefined {
  for (const [name, value] of env) {
    if (!isVariableName(name)) return `${shown(name)} is no name of an environment variable.`;
    if (/[\n\r\0]/.test(value)) {
      return `The environment variable ${name} has a line break, which a container cannot be given so: use stdin.`;
    }
  }
  return undefined;
}

function shown(value: Json | undefined): string {
  return JSON.stringify(value ?? null).slice(0, 200);
}
