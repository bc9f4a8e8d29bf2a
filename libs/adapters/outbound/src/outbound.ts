import { err, ok, parseJson, type Result } from '@parley/kernel';
import { plainHost } from './addresses.js';
import { CallEnd } from './call-end.js';
import { Connections, type Connection } from './connections.js';
import {
  placeCredentials,
  redact,
  redactBytes,
  secretTexts,
  type Carrier,
  type PlacedCredential,
} from './credentials.js';
import { answerChallenge } from './digest.js';
import { exchange, type Answer, type Progress } from './exchange.js';
import {
  Guard,
  hasDotSegments,
  hostPort,
  readUrl,
  type Approval,
  type GuardOptions,
  type Refusal,
  type Target,
} from './guard.js';
import { outboundLimits } from './limits.js';
import { retryAfterMs, type OutboundFailure, type OutboundOutcome } from './outcome.js';
import {
  BadResponse,
  binary,
  decode,
  interpret,
  isEncoded,
  type ParseJson,
} from './response-body.js';

export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly credentials?: readonly PlacedCredential[];
  /** What is approved for whoever causes the call; @default nothing but public addresses */
  readonly approvals?: readonly Approval[];
  readonly signal?: AbortSignal;
  /** Gives the body as bytes, whatever its type. @default false */
  readonly raw?: boolean;
  /**
   * The call may be sent twice: it then shares kept connections with others of the same name, which
   * should be the tenant's. @default a connection of its own
   */
  readonly repeatableAs?: string;
  /** @default 30 s, which is also the most */
  readonly timeoutMs?: number;
}

export interface OutboundOptions extends GuardOptions {
  /** @default without loss: numbers that a double cannot carry keep their digits */
  readonly parseJson?: ParseJson;
  readonly standIns?: StandIns;
}

/**
 * For tests alone: origins (`https://api.example`) that another origin (`http://127.0.0.1:8080`) stands
 * in for. Neither name nor address is checked; the Host header names the original.
 */
export type StandIns = Readonly<Record<string, string>>;

/** Headers that belong to the connection, not to the call. */
const connectionHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The only door for calls that tenants cause: checks the address, connects to what was checked, adds
 * credentials, and says what became of the call.
 *
 * O1  A call that may be sent only once has a connection of its own. A kept one may die under a call
 *     that was never sent, and then nobody could tell whether it took effect; one that may be sent
 *     twice is then sent again, on a new connection.
 * O2  Redirects are not followed: the guard would have to judge where they lead.
 * O3  Nothing that this returns contains a credential, also where the other side echoes it.
 */
export class Outbound {
  readonly guard: Guard;
  private readonly parseJson: ParseJson;
  private readonly standIns: StandIns;
  private readonly connections = new Connections();

  constructor(options: OutboundOptions) {
    this.guard = new Guard(options);
    this.standIns = options.standIns ?? {};
    this.parseJson = options.parseJson ?? parseJson;
  }

  /** Closes the connections that are kept; calls under way go on. */
  close(): Promise<void> {
    return this.connections.close();
  }

  async send(request: OutboundRequest): Promise<OutboundOutcome> {
    const started = performance.now();
    const limitMs = Math.min(request.timeoutMs ?? Infinity, outboundLimits.totalMsMax);
    const end = new CallEnd(limitMs, request.signal);
    try {
      const outcome = await this.attempt(request, end);
      const durationMs = Math.round(performance.now() - started);
      if (outcome.kind === 'response') return { ...outcome, durationMs };
      const message = redact(outcome.message, secretTexts(request.credentials ?? []));
      return { ...outcome, message, durationMs };
    } finally {
      end.close();
    }
  }

  private async attempt(request: OutboundRequest, end: CallEnd): Promise<Undated> {
    const headers = headersOf(request);
    if (!headers.ok) return failure('invalid-request', 'no', headers.error);
    const invalid = faultOf(request);
    if (invalid !== undefined) return failure('invalid-request', 'no', invalid);
    if (end.reason !== undefined) return ended(end, 'no', 'its name was resolved');
    const checking = this.targetOf(request);
    const checked = checking instanceof Promise ? await end.before(checking) : checking;
    if (checked === undefined) return ended(end, 'no', 'its name was resolved');
    if (!checked.ok) return failure(checked.error.reason, 'no', checked.error.message);
    const call = { request, headers: headers.value, target: checked.value, end };
    const first = await this.callTarget(call);
    const authorization = digestAnswer(request, checked.value, first);
    if (authorization === undefined) return first;
    return this.callTarget({ ...call, headers: { ...call.headers, authorization } });
  }

  /** At once when there is no name to be resolved. */
  private targetOf(
    request: OutboundRequest,
  ): Result<Target, Refusal> | Promise<Result<Target, Refusal>> {
    const place = readUrl(request.url);
    if (!place.ok) return place;
    const { url, host, port } = place.value;
    const standIn = this.standIns[url.origin];
    if (standIn === undefined) return this.guard.checkPlace(place.value, request.approvals ?? []);
    return ok({ url, host, port, addresses: [plainHost(new URL(standIn).hostname)] });
  }

  /** Tries the addresses of a target until one can be reached. */
  private async callTarget(call: Call): Promise<Undated> {
    const { request, target, headers } = call;
    const { origin, host, pathname, search } = target.url;
    const carrier = { target: pathname + search, headers: { ...headers } };
    placeCredentials(carrier, request.credentials ?? []);
    const invalid = headerFault(carrier.headers);
    if (invalid !== undefined) return failure('invalid-request', 'no', invalid);
    const standIn = this.standIns[origin];
    if (standIn !== undefined) carrier.headers['host'] = host;
    let last: Undated | undefined;
    for (const address of target.addresses) {
      const route = { origin: standIn ?? origin, address, sharedAs: request.repeatableAs };
      let outcome = await this.exchange(call, carrier, this.connections.take(route));
      while (outcome === 'gone') {
        const again = this.connections.take({ ...route, sharedAs: undefined });
        outcome = await this.exchange(call, carrier, again);
      }
      if (outcome.kind !== 'failure' || outcome.reason !== 'unreachable') return outcome;
      last = outcome;
    }
    return last ?? failure('unresolved', 'no', 'There is no address to call.');
  }

  /** @returns `gone` when a kept connection turned out to be dead before anything was answered (O1) */
  private async exchange(
    { request, target, end }: Call,
    carrier: Carrier,
    connection: Connection,
  ): Promise<Undated | 'gone'> {
    const { client, used } = connection;
    const progress: Progress = { connected: used };
    if (!used) client.once('connect', () => (progress.connected = true));
    let keep = false;
    try {
      const message = {
        method: request.method,
        path: carrier.target,
        headers: carrier.headers,
        body: request.body ?? null,
        reset: request.repeatableAs === undefined,
      };
      const answer = await exchange(client, message, { end, progress });
      const read = this.read(answer, request);
      const response = read instanceof Promise ? await read : read;
      keep = true;
      return response;
    } catch (error) {
      const isGone = used && progress.status === undefined && end.reason === undefined;
      if (isGone && codeOf(error)?.startsWith('HPE_') === false) return 'gone';
      return failureOf(error, progress, { target, end });
    } finally {
      const closed = connection.release({ keep });
      if (closed !== undefined) await closed;
    }
  }

  /** At once unless something has to be unpacked. @throws BadResponse */
  private read(answer: Answer, request: OutboundRequest): Undated | Promise<Undated> {
    const secrets = echoable(request.credentials ?? []);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(answer.headers)) {
      const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
      setMember(headers, name.toLowerCase(), secrets.length === 0 ? text : redact(text, secrets));
    }
    const { status } = answer;
    const responseOf = (decoded: Buffer): Undated => {
      const bytes = secrets.length === 0 ? decoded : redactBytes(decoded, secrets);
      const type = headers['content-type'];
      const wait = retryAfterMs(headers['retry-after'], Date.now(), outboundLimits.retryAfterMsMax);
      return {
        kind: 'response',
        status,
        headers,
        body: request.raw === true ? binary(bytes, type) : interpret(bytes, type, this.parseJson),
        ...(wait === undefined ? {} : { retryAfterMs: wait }),
      };
    };
    const encoding = headers['content-encoding'];
    if (!isEncoded(encoding)) return responseOf(answer.bytes);
    return decode(answer.bytes, encoding).then(responseOf);
  }
}

/** Also where the name is `__proto__`: it comes from the other side. */
function setMember(record: Record<string, string>, name: string, value: string): void {
  if (name !== '__proto__') record[name] = value;
  else Object.defineProperty(record, name, { value, enumerable: true, configurable: true });
}

/** What answers the challenge that a first request was refused with. */
function digestAnswer(
  { credentials = [], method }: OutboundRequest,
  { url }: Target,
  outcome: Undated,
): string | undefined {
  const digest = credentials.find(({ type }) => type === 'digest');
  if (digest?.type !== 'digest' || outcome.kind !== 'response' || outcome.status !== 401) {
    return undefined;
  }
  const { username, password } = digest;
  const target = url.pathname + url.search;
  const challenge = outcome.headers['www-authenticate'];
  return answerChallenge(challenge, { method, target, username, password });
}

/** What an answer must not bring back, as it is and as JSON writes it. */
function echoable(credentials: readonly PlacedCredential[]): string[] {
  return secretTexts(credentials)
    .flatMap((text) => [JSON.stringify(text).slice(1, -1), text])
    .filter(({ length }) => length >= outboundLimits.echoedSecretLengthMin);
}

type Undated =
  | Omit<Extract<OutboundOutcome, { kind: 'response' }>, 'durationMs'>
  | Omit<OutboundFailure, 'durationMs'>;

interface Call {
  readonly request: OutboundRequest;
  /** Without credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly target: Target;
  readonly end: CallEnd;
}

/** The headers of a call by their lower-case names, or why it cannot have one of them. */
function headersOf(request: OutboundRequest): Result<Record<string, string>, string> {
  const headers: Record<string, string> = {
    accept: 'application/json, */*;q=0.5',
    'accept-encoding': 'gzip, br',
    'user-agent': 'parley',
  };
  for (const [given, value] of Object.entries(request.headers ?? {})) {
    const name = given.toLowerCase();
    if (connectionHeaders.has(name)) {
      return err(`The header ${given} belongs to the connection and cannot be set.`);
    }
    setMember(headers, name, value);
  }
  return ok(headers);
}

function faultOf({ method, url, body }: OutboundRequest): string | undefined {
  if (!/^[A-Z]{1,20}$/.test(method) || method === 'CONNECT')
    return 'The method is not one of HTTP.';
  if (hasDotSegments(url)) return 'The path of the address must not have "." or ".." as a part.';
  const size = typeof body === 'string' ? Buffer.byteLength(body) : (body?.length ?? 0);
  if (size <= outboundLimits.requestBytesMax) return undefined;
  return `The request is larger than ${outboundLimits.requestBytesMax / 1_048_576} MiB.`;
}

/** Names are told, values never: they may be credentials. */
function headerFault(headers: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,200}$/.test(name)) return 'A header has an impossible name.';
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) {
      return `The header ${name} has characters that a header cannot carry.`;
    }
  }
  return undefined;
}

function failureOf(
  error: unknown,
  progress: Progress,
  { target, end }: Pick<Call, 'target' | 'end'>,
): Undated {
  const sent = progress.status !== undefined ? 'yes' : progress.connected ? 'maybe' : 'no';
  const status = progress.status === undefined ? {} : { status: progress.status };
  if (end.reason !== undefined) {
    return {
      ...ended(end, sent, sent === 'no' ? 'there was a connection' : 'it answered'),
      ...status,
    };
  }
  if (error instanceof BadResponse) {
    return { ...failure('bad-response', 'yes', error.message), ...status };
  }
  const code = codeOf(error);
  if (code === undefined) throw error;
  const where = hostPort(target.host, target.port);
  if (sent !== 'no') {
    if (code === 'UND_ERR_HEADERS_OVERFLOW' || code.startsWith('HPE_')) {
      const message = `${where} did not answer in HTTP, or with too many headers (${code}).`;
      return { ...failure('bad-response', 'yes', message), ...status };
    }
    const message = `${where} broke the connection before its answer was complete (${code}).`;
    return { ...failure('interrupted', sent, message), ...status };
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return failure('invalid-request', 'no', 'The call is not well-formed.');
  }
  if (isTlsCode(code)) {
    return failure('tls', 'no', `${where} cannot be trusted or does not speak TLS (${code}).`);
  }
  return failure('unreachable', 'no', `${where} cannot be reached (${code}).`);
}

function isTlsCode(code: string): boolean {
  return /^(?:ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO|HOSTNAME_)/.test(code);
}

function codeOf(error: unknown): string | undefined {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (name === 'HTTPParserError') return typeof code === 'string' ? code : 'HPE_INVALID';
  return typeof code === 'string' ? code : undefined;
}

function ended(end: CallEnd, sent: OutboundFailure['sent'], before: string): Undated {
  const { reason, limitMs } = end;
  return reason === 'timeout'
    ? failure('timeout', sent, `The call took longer than ${limitMs / 1_000} s before ${before}.`)
    : failure('aborted', sent, `The call was cancelled before ${before}.`);
}

function failure(
  reason: OutboundFailure['reason'],
  sent: OutboundFailure['sent'],
  message: string,
): Omit<OutboundFailure, 'durationMs'> {
  return { kind: 'failure', reason, sent, message };
}
