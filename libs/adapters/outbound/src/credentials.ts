/** A decrypted credential and where it goes; lives only for the length of a call. */
export type PlacedCredential =
  | {
      readonly type: 'apiKey';
      readonly in: 'header' | 'query' | 'cookie';
      readonly parameter: string;
      readonly value: string;
    }
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  /** Sent only in answer to a challenge: such a call may take two requests. */
  | { readonly type: 'digest'; readonly username: string; readonly password: string };

/** The parts of a call that carry credentials. */
export interface Carrier {
  /** Path and query, encoded. */
  target: string;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
}

/** Adds credentials to a call; what they set wins over what is there. */
export function placeCredentials(carrier: Carrier, credentials: readonly PlacedCredential[]): void {
  for (const credential of credentials) place(carrier, credential);
}

/** Every text that must not appear in a message, longest first. */
export function secretTexts(credentials: readonly PlacedCredential[]): string[] {
  return credentials
    .flatMap((credential) => {
      switch (credential.type) {
        case 'apiKey':
          return [
            credential.value,
            encodeURIComponent(credential.value),
            encodeQuery(credential.value),
          ];
        case 'bearer':
          return [credential.token];
        case 'basic':
          return [credential.password, basicText(credential.username, credential.password)];
        case 'digest':
          return [credential.password];
      }
    })
    .filter((text) => text.length > 0)
    .sort((a, b) => b.length - a.length);
}

/** Replaces every secret in a text. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}

/** The same for bytes in any encoding that writes ASCII as it is. */
export function redactBytes(bytes: Buffer, secrets: readonly string[]): Buffer {
  const echoed = secrets.filter((secret) => bytes.includes(secret));
  if (echoed.length === 0) return bytes;
  const texts = echoed.map((secret) => Buffer.from(secret).toString('latin1'));
  return Buffer.from(redact(bytes.toString('latin1'), texts), 'latin1');
}

function place(carrier: Carrier, credential: PlacedCredential): void {
  const { headers } = carrier;
  switch (credential.type) {
    case 'bearer':
      headers['authorization'] = `Bearer ${credential.token}`;
      return;
    case 'basic':
      headers['authorization'] = `Basic ${basicText(credential.username, credential.password)}`;
      return;
    case 'digest':
      return;
    case 'apiKey':
      placeKey(carrier, credential);
  }
}

function placeKey(
  carrier: Carrier,
  { in: where, parameter, value }: Extract<PlacedCredential, { type: 'apiKey' }>,
): void {
  const { headers } = carrier;
  if (where === 'header') headers[parameter.toLowerCase()] = value;
  else if (where === 'query') {
    const pair = `${encodeQuery(parameter)}=${encodeQuery(value)}`;
    const { target } = carrier;
    carrier.target = `${target}${target.includes('?') ? '&' : '?'}${pair}`;
  } else {
    const pair = `${parameter}=${encodeURIComponent(value)}`;
    headers['cookie'] = headers['cookie'] === undefined ? pair : `${headers['cookie']}; ${pair}`;
  }
}

/** As a URL writes it: there an apostrophe is encoded, too. */
function encodeQuery(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27');
}

function basicText(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}
