import { createHash } from 'node:crypto';
import { compileDefinition } from '@parley/dsl';
import { dryRun, MockFailure, runError } from '@parley/engine';
import { isJsonObject, type Json } from '@parley/kernel';
import type { Assignment, Mode, Outcome } from './run.ts';
import { answer, petstoreDocument } from './stub.ts';

/** Documents that definitions of the kit name, as a lock pins them. */
const lock = {
  externals: [
    {
      kind: 'openapi' as const,
      uri: 'https://petstore.swagger.io/v2/swagger.json',
      sha256: createHash('sha256').update(JSON.stringify(petstoreDocument)).digest('hex'),
      content: petstoreDocument as unknown as Json,
    },
  ],
};

/** The machine alone: memory instead of a journal, virtual time, the stub as a function. */
export const memoryMode: Mode = {
  name: 'memory',
  title: 'Pure machine, in-memory shell',
  execute: async (assignment) => execute(assignment),
  stop: async () => undefined,
};

function execute({ definition, input }: Assignment): Outcome {
  const { ir, diagnostics } = compileDefinition(definition, { lock, unresolved: 'error' });
  if (ir === undefined) throw new Error(`it does not compile: ${JSON.stringify(diagnostics)}`);
  const tried = dryRun(ir, { input, handlers: { http: call, openapi: call } });
  if (!tried.ok) throw new Error(`it cannot be run: ${JSON.stringify(tried.error)}`);
  const { status, output, error, steps } = tried.value;
  if (status !== 'completed' && status !== 'failed') throw new Error(`the run is ${status}`);
  return {
    status,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error: { ...error } }),
    tasks: steps.map(({ name, status: how }) => ({ name, status: how })),
  };
}

/** The smallest HTTP client: from the arguments of a call to what the run gets. */
function call(args: Json): Json | MockFailure {
  const { method, endpoint, query, output, authentication } = isJsonObject(args) ? args : {};
  const uri = isJsonObject(endpoint) ? endpoint['uri'] : endpoint;
  const url = new URL(textOf(uri));
  for (const [name, value] of Object.entries(isJsonObject(query) ? query : {})) {
    for (const item of Array.isArray(value) ? value : [value]) {
      url.searchParams.append(name, textOf(item));
    }
  }
  const verb = textOf(method).toUpperCase();
  const answered = answer({
    method: verb,
    host: url.hostname,
    target: url.pathname + url.search,
    authorization: authorizationOf(authentication),
  });
  const content = JSON.parse(answered.body) as Json;
  if (answered.status < 200 || answered.status > 299) {
    const type = answered.status === 401 ? 'authentication' : 'communication';
    const title = `The call answered ${String(answered.status)}`;
    return new MockFailure(runError(type, title, { status: answered.status }));
  }
  if (output !== 'response') return content;
  const request = { method: verb, uri: url.href, headers: {} };
  return {
    request,
    statusCode: answered.status,
    headers: { ...answered.headers },
    content,
  };
}

function authorizationOf(authentication: Json | undefined): string | undefined {
  const basic = isJsonObject(authentication) ? authentication['basic'] : undefined;
  if (!isJsonObject(basic)) return undefined;
  const { username, password } = basic;
  return `Basic ${Buffer.from(`${textOf(username)}:${textOf(password)}`).toString('base64')}`;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
