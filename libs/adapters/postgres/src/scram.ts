import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const iterations = 4096;
const keyBytes = 32;

/**
 * The SCRAM-SHA-256 verifier that PostgreSQL stores for `password`. Sending it instead of the
 * password keeps the password out of the server's statement log.
 */
export async function scramVerifier(password: string): Promise<string> {
  // Other characters would need SASLprep; a generated password never has them.
  if (!/^[\x21-\x7e]{8,200}$/.test(password)) {
    throw new Error('a database password must be 8 to 200 printable ASCII characters');
  }
  const salt = randomBytes(16);
  const salted = await promisify(pbkdf2)(password, salt, iterations, keyBytes, 'sha256');
  const mac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(mac('Client Key')).digest('base64');
  const serverKey = mac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
