import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LeasedTask } from '@parley/contracts';
import type { Context } from '@parley/nest-kit';
import type { FastifyReply } from 'fastify';
import type { PollOf } from './task-polls.js';
import { TaskQueuesHttp } from './task-queues.http.js';
import type { WorkerTasks } from './worker-tasks.js';

const task: LeasedTask = {
  ...{ id: 'tsk_1234', leaseToken: 'token', leaseUntil: '2027-01-01T00:01:00.000Z' },
  ...{ queue: 'q', task: 'pack', key: 'key', attempt: 1, input: null },
  ...{ runId: `run_${'0'.repeat(27)}`, step: 'do/pack', queuedAt: '2027-01-01T00:00:00.000Z' },
};
const body = { worker: 'w', max: 1, leaseSeconds: 60, waitSeconds: 1 };

let server: Server;
let client: Socket;
let response: ServerResponse;
let returned: LeasedTask[];
let beforeTheAnswer: () => Promise<void>;
let input: string;

function poll(): Promise<unknown> {
  const tasks = {
    async poll({ signal }: PollOf) {
      await beforeTheAnswer();
      return signal?.aborted === true ? [] : [{ ...task, input }];
    },
    giveBack: (_of: object, taken: readonly LeasedTask[]) => void returned.push(...taken),
  };
  const http = new TaskQueuesHttp(undefined as never, tasks as unknown as WorkerTasks);
  const caller = { tenantId: 'ten_1' } as Context;
  return http.poll('q', body, caller, { raw: response } as FastifyReply);
}

/** The client goes, and the server knows. */
async function hangUp(): Promise<void> {
  const gone = new Promise((resolve) => response.req.socket.once('close', resolve));
  client.destroy();
  await gone;
}

beforeEach(async () => {
  returned = [];
  input = '';
  beforeTheAnswer = async () => undefined;
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 0\r\n\r\n');
  [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
});

afterEach(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});

describe('a worker that hangs up', () => {
  it('before it is its turn takes nothing', async () => {
    await hangUp();
    expect(await poll()).toEqual({ tasks: [] });
    expect(returned).toEqual([]);
  });

  it('while it waits takes nothing', async () => {
    beforeTheAnswer = hangUp;
    expect(await poll()).toEqual({ tasks: [] });
    expect(returned).toEqual([]);
  });

  it('between the lease and the answer has not heard of it', async () => {
    expect(await poll()).toMatchObject({ tasks: [{ id: task.id }] });
    await hangUp();
    expect(returned).toMatchObject([{ id: task.id }]);
  });

  it('in the middle of the answer has not heard of it', async () => {
    input = 'x'.repeat(32 * 1_048_576);
    client.pause();
    response.end(JSON.stringify(await poll()));
    await hangUp();
    expect(returned).toMatchObject([{ id: task.id }]);
  });

  it('after the answer has its work', async () => {
    const answer = JSON.stringify(await poll());
    const finished = once(response, 'finish');
    response.end(answer);
    await finished;
    await hangUp();
    expect(returned).toEqual([]);
  });
});
