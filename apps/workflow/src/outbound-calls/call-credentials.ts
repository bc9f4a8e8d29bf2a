import { err, isJsonObject, ok, type Json, type Result } from '@parley/kernel';
import type { PlacedCredential } from '@parley/outbound';
import type { TokenRequest } from './oauth-tokens.js';

/** What a call proves itself with: at once, or with a token that has to be asked for first. */
export type CallProof =
  | { readonly kind: 'none' }
  | { readonly kind: 'placed'; readonly credential: PlacedCredential }
  | { readonly kind: 'token'; readonly request: TokenRequest };

/** Reads `{ basic: { username, password } }` and its like; says what is missing, never a value. */
export function readProof(authentication: Json | undefined): Result<CallProof, string> {
  if (authentication === undefined || authentication === null) return ok({ kind: 'none' });
  const [scheme, properties] = isJsonObject(authentication)
    ? (Object.entries(authentication)[0] ?? [])
    : [];
  if (scheme === undefined || !isJsonObject(properties)) return err('The authentication is empty.');
  const members = new Members(scheme, properties);
  switch (scheme) {
    case 'basic':
    case 'digest': {
      const username = members.text('username');
      const password = members.text('password');
      return members.result({
        kind: 'placed',
        credential: { type: scheme, username, password },
      });
    }
    case 'bearer':
      return members.result({
        kind: 'placed',
        credential: { type: 'bearer', token: members.text('token') },
      });
    case 'oauth2':
    case 'oidc':
      return members.result({ kind: 'token', request: tokenRequest(scheme, members) });
    default:
      return err(`There is no authentication scheme "${scheme.slice(0, 40)}".`);
  }
}

/** The first of each is what holds when the definition does not say. */
const clientAuthentications = ['client_secret_post', 'client_secret_basic', 'none'];
const encodings = ['application/x-www-form-urlencoded', 'application/json'];

function tokenRequest(scheme: 'oauth2' | 'oidc', members: Members): TokenRequest {
  const client = members.object('client');
  const grant = members.among('grant', ['client_credentials', 'password']);
  const isPassword = grant === 'password';
  return {
    scheme,
    authority: members.text('authority'),
    tokenPath: members.object('endpoints').optional('token') ?? '/oauth2/token',
    grant,
    clientId: client.optional('id'),
    clientSecret: client.optional('secret'),
    clientAuthentication: client.among('authentication', clientAuthentications),
    encoding: members.object('request').among('encoding', encodings),
    scopes: members.list('scopes'),
    audiences: members.list('audiences'),
    issuers: members.list('issuers'),
    ...(isPassword
      ? { username: members.text('username'), password: members.text('password') }
      : {}),
  };
}

/** Reads members and notes the first that is missing or of another type. */
class Members {
  private readonly what: string;
  private readonly members: Readonly<Record<string, Json>>;
  private readonly problems: string[];

  constructor(what: string, members: Readonly<Record<string, Json>>, problems: string[] = []) {
    this.what = what;
    this.members = members;
    this.problems = problems;
  }

  text(name: string): string {
    const value = this.optional(name);
    if (value === undefined) this.problems.push(`\`${this.what}.${name}\` is missing.`);
    return value ?? '';
  }

  optional(name: string): string | undefined {
    const value = this.members[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return value;
    this.problems.push(`\`${this.what}.${name}\` is a text.`);
    return undefined;
  }

  among(name: string, known: readonly string[]): string {
    const value = this.optional(name) ?? known[0] ?? '';
    if (!known.includes(value)) {
      this.problems.push(`\`${this.what}.${name}\` is one of ${known.join(', ')} here.`);
    }
    return value;
  }

  list(name: string): string[] {
    const value = this.members[name];
    if (value === undefined || value === null) return [];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    this.problems.push(`\`${this.what}.${name}\` is a list of texts.`);
    return [];
  }

  object(name: string): Members {
    const value = this.members[name];
    return new Members(`${this.what}.${name}`, isJsonObject(value) ? value : {}, this.problems);
  }

  result(proof: CallProof): Result<CallProof, string> {
    const [problem] = this.problems;
    return problem === undefined ? ok(proof) : err(problem);
  }
}
