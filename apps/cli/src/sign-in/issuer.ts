import { exitCodes, Failure } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';

const requestMsMax = 15_000;

/** What the CLI uses of an OpenID provider. */
export interface Issuer {
  readonly tokenUrl: string;
  readonly deviceUrl: string | undefined;
  readonly revocationUrl: string | undefined;
}

/** An answer of one of the issuer's endpoints. */
export type Answer = Readonly<Record<string, unknown>>;

export async function discover(terminal: Terminal, issuer: string): Promise<Issuer> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = await request(terminal, url);
  if (found['issuer'] !== issuer) {
    throw new Failure(
      exitCodes.refused,
      `${url} describes another issuer than ${issuer}. Ask who runs the server to correct its issuer.`,
    );
  }
  return {
    tokenUrl: textOf(found, 'token_endpoint') ?? `${issuer}/token`,
    deviceUrl: textOf(found, 'device_authorization_endpoint'),
    revocationUrl: textOf(found, 'revocation_endpoint'),
  };
}

/** Posts a form; what the issuer refuses is an answer too, with `error`. */
export async function postForm(
  terminal: Terminal,
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<Answer> {
  return request(terminal, url, new URLSearchParams(form));
}

export function textOf(answer: Answer, name: string): string | undefined {
  const value = answer[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

async function request(terminal: Terminal, url: string, body?: URLSearchParams): Promise<Answer> {
  const signal = AbortSignal.any([terminal.interrupted, AbortSignal.timeout(requestMsMax)]);
  let response: Response;
  let text: string;
  try {
    response = await terminal.fetch(url, {
      signal,
      headers: { accept: 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    text = await response.text();
  } catch (cause) {
    if (terminal.interrupted.aborted) throw cause;
    throw unreachable(url, cause);
  }
  const answer = parse(text);
  if (answer === undefined) throw unreachable(url, `unexpected answer ${response.status}`);
  return answer;
}

function parse(text: string): Answer | undefined {
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer) : undefined;
  } catch {
    return undefined; // Not JSON: something else than an issuer answered.
  }
}

function unreachable(url: string, cause: unknown): Failure {
  const { origin } = new URL(url);
  return new Failure(
    exitCodes.unreachable,
    `The issuer at ${origin} does not answer. Check that it runs, then try again.`,
    cause,
  );
}
