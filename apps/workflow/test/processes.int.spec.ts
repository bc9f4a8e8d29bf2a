import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PerformCall } from '../src/engine/engine.js';
import { Scripts } from '../src/scripts/scripts.js';
import { EngineHarness, tenantId } from './engine-harness.js';

let harness: EngineHarness;
const scripts = new Scripts();

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await scripts.end();
});

const perform: PerformCall = (_, effect, signal) => scripts.perform(effect, signal);

const head = (name: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
`;

async function run(source: string, input = {}) {
  const engine = await harness.engine(perform);
  const { runId } = await engine.startRun({ ...(await harness.define(source)), input });
  for (;;) {
    const run = await harness.reader.run(tenantId, runId);
    if (run.status === 'completed' || run.status === 'failed') return run;
    await new Promise((done) => setTimeout(done, 10));
  }
}

describe('run: script', () => {
  const specDir = process.env['PARLEY_SPEC_DIR'];
  const ifSpec = specDir === undefined ? it.skip : it;

  ifSpec('runs the example of the specification as it stands', async () => {
    const path = join(specDir ?? '', 'examples/run-script-with-stdin-and-arguments.yaml');
    const { output } = await run(readFileSync(path, 'utf8'));
    expect(output).toBe('stdin >  Hello Workflow\narg >  hello\nenv >  bar\n');
  });

  it('is given data of the run, and hands on what it wrote', async () => {
    const source = `${head('totals')}do:
  - total:
      run:
        script:
          language: javascript
          arguments: ['\${ .prices }']
          code: |
            const prices = JSON.parse(process.argv[2]);
            console.log({ total: prices.reduce((sum, price) => sum + price, 0) });
      output: { as: '\${ fromjson }' }
`;
    expect(await run(source, { prices: [1, 2, 4] })).toMatchObject({ output: { total: 7 } });
  });

  it('fails where it stands, and can be caught', async () => {
    const source = `${head('caught')}do:
  - safe:
      try:
        - bad: { run: { script: { language: js, code: "\\nthrow new Error('no')" } } }
      catch:
        errors: { with: { type: https://serverlessworkflow.io/spec/1.0.0/errors/runtime } }
        as: error
        do:
          - kept: { set: { error: '\${ $error }' } }
`;
    expect((await run(source)).output).toEqual({
      error: {
        type: 'https://serverlessworkflow.io/spec/1.0.0/errors/runtime',
        status: 500,
        title: 'The script failed',
        detail: 'Error: no (line 2, column 11 of the script)',
        instance: '/do/0/safe/try/0/bad',
      },
    });
  });

  it('ends with the time-out of its task', async () => {
    const source = `${head('slow')}do:
  - slow:
      run: { script: { language: js, code: 'for (;;);' } }
      timeout: { after: { milliseconds: 100 } }
`;
    expect(await run(source)).toMatchObject({
      status: 'failed',
      error: { title: 'The task timed out', instance: '/do/0/slow' },
    });
  });

  it('goes on without it when nobody waits for it', async () => {
    const source = `${head('detached')}do:
  - fire: { run: { script: { language: js, code: 'for (;;);' }, await: false } }
  - after: { set: { got: '\${ .n }' } }
`;
    expect(await run(source, { n: 7 })).toMatchObject({ output: { got: 7 } });
  });
});
