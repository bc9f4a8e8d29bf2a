import { withoutCredentials } from '@parley/engine';
import { err, isJsonObject, ok, type Json, type Result } from '@parley/kernel';
import { hasDotSegments, type OutboundRequest, type OutboundResponse } from '@parley/outbound';
import { readProof, type CallProof } from './call-credentials.js';
import { contentOf } from './call-outcome.js';

/** A `call: http` that has been read, or a `call: openapi`, which comes down to one. */
export interface HttpCall {
  readonly request: Pick<OutboundRequest, 'method' | 'url' | 'headers' | 'body' | 'raw'>;
  readonly output: 'raw' | 'content' | 'response';
  readonly redirectIsSuccess: boolean;
  readonly proof: CallProof;
}

/** Reads the arguments of a `call: http`; says what is wrong with them. */
export function readHttpCall(args: Json): Result<HttpCall, string> {
  if (!isJsonObject(args)) return err('The arguments of an HTTP call are an object.');
  const { method, body, output = 'content', redirect = false } = args;
  const address = addressOf(args['endpoint']);
  if (typeof method !== 'string') return err('An HTTP call needs a `method`.');
  if (address === undefined || !URL.canParse(address)) {
    return err('An HTTP call needs an `endpoint`: an absolute http or https address.');
  }
  if (hasDotSegments(address)) {
    return err(
      'The path of `endpoint` must not have "." or ".." as a part: check what is put into it.',
    );
  }
  if (output !== 'raw' && output !== 'content' && output !== 'response') {
    return err('`output` is raw, content or response.');
  }
  const headers = texts(args['headers'], 'headers');
  if (!headers.ok) return headers;
  const query = texts(args['query'], 'query');
  if (!query.ok) return query;
  const proof = readProof(args['authentication']);
  if (!proof.ok) return proof;
  const url = new URL(address);
  for (const [name, values] of query.value) {
    for (const value of values) url.searchParams.append(name, value);
  }
  const named = headers.value.map(([name, values]) => [name.toLowerCase(), values.join(', ')]);
  return ok({
    request: {
      method: method.toUpperCase(),
      url: url.href,
      raw: output === 'raw',
      ...withBody(Object.fromEntries(named) as Record<string, string>, body),
    },
    output,
    redirectIsSuccess: redirect === true,
    proof: proof.value,
  });
}

/** What a successful call hands on, in the form that the definition asks for. */
export function httpOutput(call: HttpCall, response: OutboundResponse): Json {
  const content = contentOf(response);
  if (call.output !== 'response') return content;
  const { method, url, headers = {} } = call.request;
  const request = withoutCredentials({ method, uri: url, headers: { ...headers } });
  return {
    request,
    statusCode: response.status,
    headers: { ...response.headers },
    content,
  };
}

function addressOf(endpoint: Json | undefined): string | undefined {
  if (typeof endpoint === 'string') return endpoint;
  const uri = isJsonObject(endpoint) ? endpoint['uri'] : undefined;
  return typeof uri === 'string' ? uri : undefined;
}

function withBody(headers: Record<string, string>, body: Json | undefined) {
  if (body === undefined || body === null) return { headers };
  const type = headers['content-type'];
  return {
    headers: { 'content-type': 'application/json', ...headers },
    body: bodyText(type ?? 'application/json', body),
  };
}

function bodyText(type: string, body: Json): string {
  if (/\bjson\b/i.test(type)) return JSON.stringify(body);
  if (typeof body === 'string') return body;
  if (!/^application\/x-www-form-urlencoded\b/i.test(type) || !isJsonObject(body)) {
    return JSON.stringify(body);
  }
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      fields.append(name, typeof item === 'string' ? item : JSON.stringify(item));
    }
  }
  return fields.toString();
}

/** Members as texts, lists as several; null members are left out. */
function texts(value: Json | undefined, what: string): Result<[string, string[]][], string> {
  if (value === undefined || value === null) return ok([]);
  if (!isJsonObject(value)) return err(`\`${what}\` is an object of texts.`);
  const entries: [string, string[]][] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member === null) continue;
    const items = Array.isArray(member) ? member : [member];
    if (items.some((item) => typeof item === 'object')) {
      return err(`\`${what}.${name}\` must be a text, a number, a boolean, or a list of these.`);
    }
    entries.push([name, items.map((item) => String(item as string | number | boolean))]);
  }
  return ok(entries);
}
