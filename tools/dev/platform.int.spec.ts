import { existsSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { fakeTable } from './fixtures/fake-table.ts';
import { startPlatform } from './platform.ts';

describe('startPlatform', () => {
  it('runs two platforms side by side, each on ports and data of its own', async () => {
    const start = () => startPlatform({ table: fakeTable, quiet: true });
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.portBase).not.toBe(two.portBase);
    expect((await fetch(one.url)).status).toBe(200);
    expect(one.kill('workflow', 'SIGKILL')).toBe(true);
    expect(one.state().services.workflow?.status).toBe('restarting');
    await one.waitReady('workflow');
    expect(one.state().services.workflow?.restarts).toBe(1);
    expect(two.state().services.workflow?.restarts).toBe(0);
    await Promise.all([one.stop(), two.stop()]);
    expect(existsSync(one.home)).toBe(false);
    await expect(fetch(two.url)).rejects.toThrow();
  });
});
