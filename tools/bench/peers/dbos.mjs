// Workflows on DBOS behind an HTTP server: POST /W1s and /W2 answer when the workflow is through.
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { calls, localSteps } from './steps.mjs';

DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: process.env.DATABASE_URL,
  systemDatabasePoolSize: 20,
  runAdminServer: false,
  logLevel: 'error',
});

const workflowOf = (name, steps) =>
  DBOS.registerWorkflow(
    async (input) => {
      let data = input;
      for (const [step, work] of steps) {
        data = await DBOS.runStep(() => Promise.resolve(work(data)), { name: step });
      }
      return data;
    },
    { name },
  );
const workflows = { '/W1s': workflowOf('W1s', localSteps), '/W2': workflowOf('W2', calls) };

await DBOS.launch();

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  void answer(request).then(
    (text) => send(response, 200, text),
    (error) => send(response, 500, JSON.stringify({ error: String(error) })),
  );
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));

async function answer(request) {
  const workflow = workflows[request.url];
  if (workflow === undefined) throw new Error(`there is no ${request.url}`);
  const input = await json(request);
  const workflowID = request.headers['idempotency-key'];
  const handle = await DBOS.startWorkflow(workflow, { workflowID })(input);
  return JSON.stringify(await handle.getResult());
}

function send(response, status, text) {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
