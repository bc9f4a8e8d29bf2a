// Reads one OpenAPI document on a thread of its own, so that a large one does not hold up the engine.
import { parentPort, workerData } from 'node:worker_threads';
import { importOpenApi } from '@parley/connectors';

const { text, options } = workerData as {
  text: string;
  options: { name?: string; sourceUrl?: string };
};
parentPort?.postMessage(importOpenApi(text, options));
