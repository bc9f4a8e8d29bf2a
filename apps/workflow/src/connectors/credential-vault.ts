import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { SetCredential } from '@parley/contracts';
import { AppError, canonicalJson } from '@parley/kernel';

/** What a sealed credential is bound to: it opens nowhere else. */
export interface CredentialPlace {
  readonly tenantId: string;
  readonly connectorId: string;
  readonly scheme: string;
  /** Scheme, host and port that it may be sent to. */
  readonly origin: string;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const envelopeVersion = 'v1';

/** What a sealed text belongs to: it opens with nothing else. */
export interface TextPlace {
  /** In the words of whoever has to give it again. */
  readonly what: string;
  readonly boundTo: readonly string[];
}

/**
 * Seals credentials with the installation's key (AES-256-GCM). The envelope names the key, so keys
 * can be rotated: of several lines in the key file, the first seals and all open.
 */
export class CredentialVault {
  private readonly keys = new Map<string, Buffer>();
  private readonly sealingKeyId: string;

  /** @param installationKey one key per line, the current one first */
  constructor(installationKey: string) {
    const lines = installationKey.split(/\s+/).filter((line) => line !== '');
    for (const line of lines) {
      const key = Buffer.from(hkdfSync('sha256', line, '', 'parley/connector-credentials/v1', 32));
      this.keys.set(createHash('sha256').update(key).digest('hex').slice(0, 12), key);
    }
    const [first] = this.keys.keys();
    if (first === undefined) throw new AppError('invalid', 'The installation key is empty.');
    this.sealingKeyId = first;
  }

  seal(credential: SetCredential, place: CredentialPlace): string {
    return this.sealText(JSON.stringify(credential), textPlace(place));
  }

  /** @throws AppError `internal` when the key is not known or the envelope belongs elsewhere */
  open(envelope: string, place: CredentialPlace): SetCredential {
    return JSON.parse(this.openText(envelope, textPlace(place))) as SetCredential;
  }

  sealText(text: string, place: TextPlace): string {
    const nonce = randomBytes(nonceBytes);
    const key = this.keyOf(this.sealingKeyId);
    const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(additional(place));
    const sealed = Buffer.concat([
      cipher.update(text, 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    const parts = [nonce, sealed].map((part) => part.toString('base64url'));
    return [envelopeVersion, this.sealingKeyId, ...parts].join('.');
  }

  /** @throws AppError `internal` when the key is not known or the envelope belongs elsewhere */
  openText(envelope: string, place: TextPlace): string {
    const [version, keyId = '', nonce = '', body = ''] = envelope.split('.');
    if (version !== envelopeVersion) throw unreadable(place);
    const bytes = Buffer.from(body, 'base64url');
    const decipher = createDecipheriv(
      algorithm,
      this.keyOf(keyId),
      Buffer.from(nonce, 'base64url'),
      { authTagLength: tagBytes },
    );
    decipher.setAAD(additional(place));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]);
      return text.toString('utf8');
    } catch {
      throw unreadable(place); // without the cause: it could quote what was decrypted
    }
  }

  private keyOf(id: string): Buffer {
    const key = this.keys.get(id);
    if (key !== undefined) return key;
    throw new AppError(
      'internal',
      `A credential was sealed with the installation key ${id}, which this process does not have. Add it to the key file, or give the credential again.`,
    );
  }
}

function textPlace({ tenantId, connectorId, scheme, origin }: CredentialPlace): TextPlace {
  return { what: `credential ${scheme}`, boundTo: [tenantId, connectorId, scheme, origin] };
}

function additional({ boundTo }: TextPlace): Buffer {
  return Buffer.from(canonicalJson([...boundTo]), 'utf8');
}

function unreadable({ what }: TextPlace): AppError {
  return new AppError('internal', `The ${what} cannot be read; give it again.`);
}
