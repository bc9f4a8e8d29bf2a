import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Engine, PerformCall } from '../src/engine/engine.js';
import { containerName, LocalContainers } from '../src/executors/local-containers.js';
import { EngineHarness, tenantId } from './engine-harness.js';

const folder = mkdtempSync(join(tmpdir(), 'parley-runtime-'));
const runtime = join(folder, 'runtime');
const log = join(folder, 'log');
let harness: EngineHarness;

/** Notes what it is asked for; a container of the image "slow" never ends. */
const fake = `#!/bin/sh
echo "$*" >> '${log}'
case "$*" in
  ps*) sed -n 's/.*--name=\\(parley-[0-9a-f]*\\).*/\\1/p' '${log}' ;;
  *' slow'*) sleep 600 ;;
  run*) cat ;;
esac
`;

beforeAll(async () => {
  writeFileSync(runtime, fake, { mode: 0o755 });
  harness = await EngineHarness.start();
}, 60_000);

afterAll(async () => {
  await harness.stop();
  rmSync(folder, { recursive: true, force: true });
});

function containers(): LocalContainers {
  const onError = (error: unknown) => {
    throw error;
  };
  return new LocalContainers({
    runtime,
    memoryMebibytes: 64,
    cpus: 1,
    owner: 'test',
    folder: join(folder, 'environments'),
    onError,
  });
}

function engineWith(by: LocalContainers): Promise<Engine> {
  const perform: PerformCall = ({ runId }, { args, occurrence, attempt }, signal) =>
    by.perform(args, signal, { runId, occurrence, attempt });
  return harness.engine(perform);
}

const source = (name: string, container: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
do:
  - box: { run: { container: ${container} } }
`;

describe('run: container', () => {
  it('is given data of the run, and hands on what it wrote', async () => {
    const engine = await engineWith(containers());
    const request = await harness.define(source('echoes', "{ image: app, stdin: '${ .text }' }"));
    const { runId } = await engine.startRun({ ...request, input: { text: 'hello' } });
    expect((await harness.untilStatus(runId, 'completed')).output).toBe('hello');
  });

  it('of which nobody knows how it ended is not run again, and what is left of it is removed', async () => {
    const engine = await engineWith(containers());
    const request = await harness.define(source('hangs', '{ image: slow }'));
    const { runId } = await engine.startRun(request);
    const name = containerName({ runId, occurrence: 'do/box', attempt: 1 });
    const noted = () => readFileSync(log, 'utf8');
    while (!noted().includes(`--name=${name}`)) await new Promise((done) => setTimeout(done, 5));
    const next = containers();
    await next.start();
    expect(noted()).toContain(`rm --force ${name}`);
    await engineWith(next); // Takes the run over, as after a crash of the one before.
    for (;;) {
      const { status, error } = await harness.reader.run(tenantId, runId);
      if (status === 'failed') {
        expect(error?.type).toMatch(/unknown-outcome$/);
        break;
      }
      await new Promise((done) => setTimeout(done, 10));
    }
    expect(noted().match(/run .* slow/g)).toHaveLength(1);
  });
});
