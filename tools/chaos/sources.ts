import { existsSync, readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Options } from '@swc/core';
import { swcOptions } from '../build/swc-options.mjs';

const root = join(import.meta.dirname, '../..');
const { transformSync } = createRequire(import.meta.url)('@swc/core') as {
  transformSync: (source: string, options: Options) => { code: string };
};

/** A change of one source file. */
export interface Patch {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly put: string;
}

const planted = new Map<string, readonly Patch[]>();
let hooked = false;

/**
 * Loads a source file of the repository and all that it imports, apart from every other loading, with
 * the changes that are asked for. Nothing in the product knows of them.
 *
 * @throws when a change does not fit the source any more
 */
export async function loadSources<T>(
  file: string,
  name: string,
  patches: readonly Patch[] = [],
): Promise<T> {
  if (!hooked) hook();
  hooked = true;
  for (const patch of patches) changed(patch, readFileSync(join(root, patch.file), 'utf8'));
  planted.set(name, patches);
  const url = pathToFileURL(join(root, file));
  url.searchParams.set('loading', name);
  return (await import(url.href)) as T;
}

function changed({ file, find, put }: Patch, source: string): string {
  const parts = source.split(find);
  if (parts.length === 2) return parts.join(put);
  const where = parts.length === 1 ? 'is not' : 'is more than once';
  throw new Error(`"${find}" ${where} in ${file} any more: plant this bug anew`);
}

function hook(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const loading = loadingOf(context.parentURL);
      if (loading === undefined) return nextResolve(specifier, context);
      const isRelative = specifier.startsWith('.');
      const beside = isRelative ? new URL(specifier, context.parentURL) : undefined;
      if (beside !== undefined) {
        const typescript = new URL(beside.href.replace(/\.js(?=$|\?)/, '.ts'));
        typescript.search = '';
        if (existsSync(typescript))
          return { url: tagged(typescript.href, loading), shortCircuit: true };
      }
      const conditions = ['parley-source', ...context.conditions];
      const resolved = nextResolve(specifier, { ...context, conditions });
      return isSource(resolved.url)
        ? { ...resolved, url: tagged(resolved.url, loading) }
        : resolved;
    },
    load(url, context, nextLoad) {
      const loading = loadingOf(url);
      if (loading === undefined || !isSource(url)) return nextLoad(url, context);
      const path = fileURLToPath(url.replace(/\?.*$/, ''));
      const here = relative(root, path);
      let source = readFileSync(path, 'utf8');
      for (const patch of planted.get(loading) ?? []) {
        if (patch.file === here) source = changed(patch, source);
      }
      const options = { ...swcOptions, sourceMaps: 'inline' as const, filename: path };
      const { code } = transformSync(source, options);
      return { format: 'module', source: code, shortCircuit: true };
    },
  });
}

function isSource(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/') && /\.ts(\?|$)/.test(url);
}

function loadingOf(url: string | undefined): string | undefined {
  if (url?.startsWith('file:') !== true) return undefined;
  return new URL(url).searchParams.get('loading') ?? undefined;
}

function tagged(url: string, loading: string): string {
  const with_ = new URL(url);
  with_.searchParams.set('loading', loading);
  return with_.href;
}
