import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { CallEffect } from '@parley/engine';
import type { WorkflowConfig } from '../config.js';
import { Performers } from './performers.js';

describe('a process that needs an executor', () => {
  const opened: Performers[] = [];
  const errors: string[] = [];
  const home = mkdtempSync(join(tmpdir(), 'parley-performers-'));
  afterAll(async () => {
    await Promise.all(opened.map((performers) => performers.end()));
    rmSync(home, { recursive: true, force: true });
  });

  function performersOf(executors: WorkflowConfig['executors']): Performers {
    const containerRuntime = '/nowhere/podman';
    const config = { executors, containerRuntime, home } as unknown as WorkflowConfig;
    const calls = { perform: () => Promise.reject(new Error()) } as never;
    const log = { error: (_: object, message: string) => errors.push(message) };
    const performers = new Performers(calls, config, log as never);
    opened.push(performers);
    return performers;
  }

  function perform(name: string, executors: WorkflowConfig['executors']) {
    const args = { command: 'echo done', image: 'alpine' };
    const effect = { function: name, args, occurrence: 'do/it', attempt: 1 };
    const run = { runId: 'run_1', tenantId: 'ten_1' } as never;
    const { signal } = new AbortController();
    return performersOf(executors).perform(run, effect as unknown as CallEffect, signal);
  }

  it('runs where it is enabled, and nowhere else', async () => {
    expect(await perform('shell', ['shell'])).toMatchObject({
      output: { code: 0, stdout: 'done\n' },
    });
    for (const name of ['shell', 'container'] as const) {
      const other = name === 'shell' ? 'container' : 'shell';
      for (const executors of [undefined, [], [other]] as const) {
        expect(await perform(name, executors && [...executors])).toMatchObject({
          kind: 'failed',
          outcome: 'definitive',
          error: { detail: `The executor "${name}" is not enabled on this installation.` },
        });
      }
    }
  });

  it('says when there is no runtime for containers, and keeps nothing else from running', async () => {
    await performersOf(['shell', 'container']).start();
    expect(errors).toEqual([expect.stringContaining('"/nowhere/podman" does not work')]);
    expect(await perform('container', ['container'])).toMatchObject({
      kind: 'failed',
      outcome: 'definitive',
      error: { title: 'The container could not be run', detail: '/nowhere/podman: ENOENT' },
    });
  });
});
