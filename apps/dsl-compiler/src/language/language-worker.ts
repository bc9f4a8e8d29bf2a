// Runs tools on a thread of its own, so that a large text does not hold up other requests. What comes
// and goes is JSON text: values may be of classes that cannot be cloned.
import { parentPort, workerData } from 'node:worker_threads';
import { parseJson, stringifyJson, type Json } from '@parley/kernel';

type Tool = (body: Json) => Json;
const { tools } = (await import(String(workerData))) as { tools: Readonly<Record<string, Tool>> };

parentPort?.on('message', ({ tool, body }: { tool: string; body: string }) => {
  const run = tools[tool];
  if (run === undefined) throw new Error(`there is no tool "${tool}"`);
  parentPort?.postMessage(stringifyJson(run(parseJson(body))));
});
