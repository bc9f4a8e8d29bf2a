import { builtinModules } from 'node:module';
import type { TextFile } from './repository.ts';

export interface Manifest {
  readonly name?: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
}

/** A package.json and the folder it stands in. */
export interface Project {
  readonly folder: string;
  readonly manifest: Manifest;
}

const layers = 'kernel contracts domain adapter kit testing sdk app operator deploy'.split(' ');
const runtimes = 'isomorphic node browser'.split(' ');

export function projectsOf(files: readonly TextFile[]): Project[] {
  return files
    .filter(({ path }) => /^(?:apps|libs|operators)\/.*package\.json$/.test(path))
    .map(({ path, text }) => ({
      folder: path.slice(0, -'/package.json'.length),
      manifest: JSON.parse(text) as Manifest,
    }));
}

/** Every project says which layer, scope and runtime it is of: the boundaries are drawn by them. */
export function brokenTags({ folder, manifest }: Project): string[] {
  const tags = manifest.nx?.tags ?? [];
  const one = (kind: string, allowed?: readonly string[]) => {
    const found = tags
      .filter((tag) => tag.startsWith(`${kind}:`))
      .map((tag) => tag.slice(kind.length + 1));
    const [value] = found;
    if (found.length === 1 && value !== undefined && (allowed?.includes(value) ?? value !== ''))
      return [];
    return [`${folder}: needs one tag ${kind}:${allowed?.join('|') ?? '…'}`];
  };
  return [...one('layer', layers), ...one('scope'), ...one('runtime', runtimes)];
}

/** Versions are exact: what was tested is what is installed. */
export function brokenVersions({ folder, manifest }: Project): string[] {
  const all = {
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  };
  return Object.entries(all)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(version))
    .map(([name, version]) => `${folder}: ${name}@${version} is not an exact version`);
}

const importedModule =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*'([^'.][^']*)'|(?:^|\n)\s*import\s+'([^'.][^']*)'|\bimport\('([^'.][^']*)'\)/g;
const isTest = (path: string) =>
  path.endsWith('.spec.ts') ||
  /(?:^|\/)(?:test|testing)\//.test(path) ||
  path.endsWith('.config.ts');

/** What a project imports stands in its package.json: tests may use the workspace's tools. */
export function brokenImports(
  project: Project,
  files: readonly TextFile[],
  workspace: Manifest,
): string[] {
  const { folder, manifest } = project;
  const shipped = new Set([...Object.keys(manifest.dependencies ?? {}), manifest.name]);
  const tested = new Set([
    ...shipped,
    ...Object.keys(manifest.devDependencies ?? {}),
    ...Object.keys(workspace.devDependencies ?? {}),
  ]);
  const missing = files
    .filter(({ path }) => path.startsWith(`${folder}/`) && /\.tsx?$/.test(path))
    .flatMap(({ path, text }) =>
      importsOf(text)
        .filter((name) => !(isTest(path) ? tested : shipped).has(name))
        .map((name) => `${folder}/package.json: ${path} imports ${name}`),
    );
  return [...new Set(missing)];
}

function importsOf(text: string): string[] {
  return [...text.matchAll(importedModule)]
    .map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
    .filter((id) => !id.startsWith('node:') && !builtinModules.includes(id) && !id.includes('$'))
    .map((id) =>
      id
        .split('/')
        .slice(0, id.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}
