import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Approval, DraftApproved, Run } from '@parley/contracts';
import { parseJson } from '@parley/kernel';
import { ParleyClient } from '@parley/sdk';
import { repositoryRoot } from '../../dev/platform.ts';
import { eventually } from '../driver.ts';
import {
  approvalOf,
  bringIntoUse,
  definition,
  resting,
  type Drafted,
  type Scene,
} from '../scene.ts';

/** JSON comes out of the platform as it went in, whatever way it takes. */

const sent =
  '{"id":12345678901234567890,"m":{"2":1,"1":2},"__proto__":{"a":1},"constructor":{"prototype":"x"},"zero":-0,"x":1.10}';
/** A double carries 1.10, which is written as 1.1. */
const kept = sent.replace('1.10', '1.1');

const tasks = `- tell:
    emit: { event: { with: { source: 'https://a.example', type: example.told, data: '\${ $workflow.input }' } } }
- ask:
    call: human
    with: { title: May we?, data: '\${ $workflow.input }', assignee: { role: owner } }
- echo:
    set: { given: '\${ $workflow.input }', answered: '\${ .data }' }
`;

let scene: Scene;
let used: Drafted & DraftApproved;
let approval: Approval;
let run: Run;
let started: string;

export function keepsWhatItIsGiven(opened: () => Scene): void {
  beforeAll(async () => {
    scene = opened();
    const { owner } = scene;
    used = await bringIntoUse(owner, definition('lossless', tasks));
    const begun = await owner.send(`POST /v1/workflows/${used.workflowId}/runs`, {
      body: `{"input":${sent}}`,
    });
    started = begun.text;
    approval = await approvalOf(owner, (begun.json as Run).id);
    await owner.send(`POST /v1/approvals/${approval.id}/decide`, {
      body: `{"decision":"approved","data":${sent}}`,
    });
    run = await resting(owner, approval.runId);
  }, 120_000);

  async function textOf(path: string): Promise<string> {
    return (await scene.owner.send(`GET ${path}`)).text;
  }

  describe('what a run was given', () => {
    it('is in the answer to its start, in the run, in its output', async () => {
      expect(run.status).toBe('completed');
      expect(started).toContain(`"input":${kept}`);
      const text = await textOf(`/v1/runs/${run.id}`);
      expect(text).toContain(`"input":${kept}`);
      expect(text).toContain(`"output":{"given":${kept},"answered":${kept}}`);
    });

    it('is in the timeline and in the payload of a step', async () => {
      const text = await textOf(`/v1/runs/${run.id}/timeline`);
      expect(text.split(kept).length).toBeGreaterThan(5);
      const step = encodeURIComponent('do/echo');
      const payload = await textOf(`/v1/runs/${run.id}/steps/${step}/output`);
      expect(JSON.stringify(parseJson(payload))).toBe(`{"given":${kept},"answered":${kept}}`);
    });

    it('is in the live stream', async () => {
      const text = await streamed(`/v1/runs/${run.id}/events`);
      expect(text).toContain(`"output":{"given":${kept},"answered":${kept}}`);
    });

    it('is in the approval that asks about it', async () => {
      expect(await textOf(`/v1/approvals/${approval.id}`)).toContain(`"data":${kept}`);
      expect(await textOf(`/v1/approvals?runId=${run.id}`)).toContain(`"data":${kept}`);
    });

    it('is in the event that the run emits', async () => {
      const text = await eventually(async () => {
        const events = await textOf('/v1/events?pageSize=200');
        return events.includes('example.told') ? events : undefined;
      });
      expect(text).toContain(`"data":${kept}`);
    });

    it('passes the client in both directions', async () => {
      const { platform, owner } = scene;
      const client = new ParleyClient({ baseUrl: platform.url, token: () => owner.bearer });
      const again = await client.call('startRun', {
        params: { workflow: used.workflowId },
        body: { input: parseJson(sent) },
      });
      expect(JSON.stringify(again.input)).toBe(kept);
      const seen = await client.call('getRun', { params: { run: run.id } });
      expect(JSON.stringify(seen.output)).toBe(`{"given":${kept},"answered":${kept}}`);
      for await (const event of client.events('runEvents', { params: { run: run.id } })) {
        expect(JSON.stringify(event.data)).toContain(`"output":{"given":${kept}`);
        break;
      }
      await client.call('cancelRun', { params: { run: again.id }, body: {} });
    });

    it('passes the command line in both directions', async () => {
      const line = await commandLine('run', 'start', used.workflowId, '--input', sent);
      expect(JSON.stringify(parseJson(line))).toContain(`"input":${kept}`);
      const seen = await commandLine('run', 'get', run.id);
      expect(JSON.stringify(parseJson(seen))).toContain(`"output":{"given":${kept}`);
    });

    it('can be told apart by its last digit when a start is repeated', async () => {
      const start = (id: string) =>
        scene.owner.send(`POST /v1/workflows/${used.workflowId}/runs`, {
          body: `{"input":{"id":${id}}}`,
          headers: { 'idempotency-key': 'one-digit' },
        });
      expect((await start('12345678901234567890')).status).toBe(202);
      expect((await start('12345678901234567890')).status).toBe(202);
      expect((await start('12345678901234567891')).json).toMatchObject({ code: 'key-reused' });
    });
  });

  /** The first events of a stream, as they are on the wire. */
  async function streamed(path: string): Promise<string> {
    const { platform, owner } = scene;
    const response = await fetch(new URL(path, platform.url), {
      headers: { authorization: `Bearer ${owner.bearer ?? ''}`, accept: 'text/event-stream' },
    });
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (text.includes('event: timeline') && text.endsWith('\n\n')) break;
    }
    return text;
  }

  /** What a command of the command line says. */
  async function commandLine(...words: string[]): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-cli-'));
    const { platform, owner } = scene;
    const program = join(repositoryRoot, 'apps/cli/dist/main.js');
    try {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [program, ...words, '-o', 'json'],
        {
          env: {
            ...process.env,
            XDG_CONFIG_HOME: folder,
            PARLEY_SERVER: platform.url,
            PARLEY_TOKEN: owner.bearer,
          },
        },
      );
      return stdout;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}
