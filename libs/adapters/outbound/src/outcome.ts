/** What became of a call. */
export type OutboundOutcome = OutboundResponse | OutboundFailure;

/** The other side answered, whatever the status. Redirects are answers: they are not followed. */
export interface OutboundResponse {
  readonly kind: 'response';
  readonly status: number;
  /** Lower-case names; values of a repeated header are joined with commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ResponseBody;
  /** What the answer says about when to try again. */
  readonly retryAfterMs?: number;
  readonly durationMs: number;
}

export type ResponseBody =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown }
  /** `brokenJson`: the answer says that it is JSON, and is not. */
  | { readonly kind: 'text'; readonly text: string; readonly brokenJson?: true }
  | { readonly kind: 'binary'; readonly base64: string; readonly mediaType: string };

/** There is no (whole) answer. */
export interface OutboundFailure {
  readonly kind: 'failure';
  readonly reason:
    /** The call itself is not well-formed. */
    | 'invalid-request'
    /** The guard refused the address. */
    | 'not-approved'
    | 'unresolved'
    | 'unreachable'
    | 'tls'
    | 'timeout'
    | 'aborted'
    /** The connection broke after it had been made. */
    | 'interrupted'
    /** There is an answer, larger than the limit or not readable. */
    | 'bad-response';
  /**
   * Whether the call can have had an effect: `no` when nothing was sent, `maybe` when the outcome is
   * unknown, `yes` when an answer began to arrive.
   */
  readonly sent: 'no' | 'maybe' | 'yes';
  /** Cause and cure; never contains a credential. */
  readonly message: string;
  /** Of the answer that could not be read. */
  readonly status?: number;
  readonly durationMs: number;
}

const secondsPattern = /^\s*\d{1,9}\s*$/;

/** Reads a Retry-After header: seconds or an HTTP date. */
export function retryAfterMs(
  header: string | undefined,
  nowMs: number,
  maxMs: number,
): number | undefined {
  if (header === undefined) return undefined;
  const ms = secondsPattern.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), maxMs);
}
