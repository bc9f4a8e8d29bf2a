import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from '@parley/contracts';
import { isJsonObject, type JsonObject } from '@parley/kernel';
import { parse } from 'yaml';

/** A definition that is right, from which mutants are made. */
export interface Sample {
  readonly name: string;
  /** `specification`: an example or a scenario of the language's own repository. */
  readonly from: 'specification' | 'repository';
  readonly source: string;
  readonly value: JsonObject;
}

/** Where the files of the specification are; without it only our own definitions are mutated. */
export const specificationFolder = process.env['PARLEY_SPEC_DIR'];

const goldens = join(import.meta.dirname, '../../goldens');
const own = join(import.meta.dirname, '../definitions');

export const catalogue = JSON.parse(
  readFileSync(join(goldens, 'catalogue.json'), 'utf8'),
) as Catalogue;

/** Every definition there is: examples, scenarios of the conformance kit, our own. */
export function readCorpus(): Sample[] {
  return [
    ...[goldens, own].flatMap((folder) =>
      yamlFiles(folder).map((file) => sampleOf(file, 'repository', read(folder, file))),
    ),
    ...(specificationFolder === undefined ? [] : readSpecification(specificationFolder)),
  ];
}

function readSpecification(folder: string): Sample[] {
  const examples = join(folder, 'examples');
  const kit = join(folder, 'ctk');
  const features = readdirSync(kit).filter((file) => file.endsWith('.feature'));
  return [
    ...yamlFiles(examples).map((file) => sampleOf(file, 'specification', read(examples, file))),
    ...features.flatMap((file) =>
      definitionsOf(read(kit, file)).map((source, index) =>
        sampleOf(`${file}#${index + 1}`, 'specification', source),
      ),
    ),
  ];
}

/** The definitions in a Gherkin feature: texts in triple quotes after "a workflow with definition". */
function definitionsOf(feature: string): string[] {
  const blocks = feature.matchAll(
    /a workflow with definition:\s*\n([ \t]*)"""yaml\n(?<text>[\s\S]*?)\n[ \t]*"""/g,
  );
  return [...blocks].map((block) => {
    const indent = block[1] ?? '';
    return (block.groups?.['text'] ?? '')
      .split('\n')
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
      .join('\n');
  });
}

function sampleOf(name: string, from: Sample['from'], source: string): Sample {
  const value: unknown = parse(source);
  if (!isJsonObject(value)) throw new Error(`${name} is not a definition`);
  return { name, from, source, value };
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort();
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}
