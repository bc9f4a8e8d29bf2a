import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFeature, type Feature } from './gherkin.ts';
import type { Mode } from './run.ts';
import { play } from './steps.ts';

export interface FeatureResult {
  readonly file: string;
  readonly name: string;
  readonly scenarios: readonly ScenarioResult[];
}

export interface ScenarioResult {
  readonly name: string;
  /** Absent when it passed. */
  readonly failure?: string;
}

export interface ModeResult {
  readonly mode: string;
  readonly title: string;
  readonly features: readonly FeatureResult[];
}

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** The features of the conformance kit, by file name. @throws when the folder has none */
export function readKit(specFolder: string): { file: string; feature: Feature }[] {
  const folder = join(specFolder, 'ctk');
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.feature'))
    .sort();
  if (files.length === 0) throw new Error(`there are no features in ${folder}`);
  return files.map((file) => ({
    file,
    feature: parseFeature(readFileSync(join(folder, file), 'utf8')),
  }));
}

/** Plays every scenario, one after the other. */
export async function playKit(kit: ReturnType<typeof readKit>, mode: Mode): Promise<ModeResult> {
  const features: FeatureResult[] = [];
  for (const { file, feature } of kit) {
    const scenarios: ScenarioResult[] = [];
    for (const scenario of feature.scenarios) {
      const failure = await play(scenario, mode);
      scenarios.push({ name: scenario.name, ...(failure === undefined ? {} : { failure }) });
    }
    features.push({ file, name: feature.name, scenarios });
  }
  return { mode: mode.name, title: mode.title, features };
}

export function countOf(scenarios: readonly ScenarioResult[]): Count {
  const failed = scenarios.filter(({ failure }) => failure !== undefined).length;
  return { passed: scenarios.length - failed, failed };
}

export function totalOf({ features }: ModeResult): Count {
  return countOf(features.flatMap(({ scenarios }) => scenarios));
}
