import { afterAll, describe, expect, it } from '@jest/globals';
import type { CallEffect } from '@parley/engine';
import type { WorkflowConfig } from '../config.js';
import { Performers } from './performers.js';

describe('a command of the shell', () => {
  const opened: Performers[] = [];
  afterAll(() => Promise.all(opened.map((performers) => performers.end())));

  function perform(executors: 'shell'[] | undefined) {
    const config = { executors } as unknown as WorkflowConfig;
    const performers = new Performers(
      { perform: () => Promise.reject(new Error()) } as never,
      config,
    );
    opened.push(performers);
    const effect = { function: 'shell', args: { command: 'echo done' } } as unknown as CallEffect;
    const run = { runId: 'run_1', tenantId: 'ten_1' } as never;
    return performers.perform(run, effect, new AbortController().signal);
  }

  it('runs where it is enabled, and nowhere else', async () => {
    expect(await perform(['shell'])).toMatchObject({ output: { code: 0, stdout: 'done\n' } });
    for (const executors of [undefined, []]) {
      expect(await perform(executors)).toMatchObject({
        kind: 'failed',
        error: { detail: 'The executor "shell" is not enabled on this installation.' },
      });
    }
  });
});
