import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { formatScenario, parseScenario, ScenarioRunner } from './scenario.js';

const folder = import.meta.dirname;

describe('scenarios', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

  it.each(files)('%s', (file) => {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const blocks = parseScenario(text);
    expect(formatScenario(blocks)).toBe(text);
    const runner = new ScenarioRunner();
    const played = blocks.map((block) => ({ ...block, output: runner.run(block.command) }));
    const actual = formatScenario(played);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, actual);
    else expect(actual).toBe(text);
  });
});
