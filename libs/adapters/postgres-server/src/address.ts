import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { isAbsolute, join } from 'node:path';

/** What the system's socket addresses have room for, with a zero at the end. */
const socketPathBytesMax = process.platform === 'darwin' ? 103 : 107;

interface ServerPlace {
  /** Folder of the server's own files. */
  readonly dir: string;
  readonly port: number;
}

/**
 * Folder of the server's Unix socket: whoever may enter it is served without the detour through the
 * network's layers. Undefined where its path is too long or cannot be written in the server's settings,
 * and where the file system has no sockets.
 */
export async function socketDirOf({ dir, port }: ServerPlace): Promise<string | undefined> {
  const isShort = Buffer.byteLength(join(dir, `.s.PGSQL.${port}.lock`)) <= socketPathBytesMax;
  const isNameable = isShort && isAbsolute(dir) && !dir.includes('"');
  return isNameable && process.platform !== 'win32' && (await takesSockets(dir)) ? dir : undefined;
}

/** Some file systems that are brought in from elsewhere do not. */
async function takesSockets(dir: string): Promise<boolean> {
  const path = join(dir, `.s.${process.pid}`);
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o700);
    return true;
  } catch {
    return false;
  } finally {
    server.close();
    rmSync(path, { force: true });
  }
}

/** The superuser's address of a server on this machine; `pg` prefers the socket that it names. */
export async function adminUrlOf(
  place: ServerPlace,
  { password, database = 'parley' }: { readonly password: string; readonly database?: string },
): Promise<string> {
  const url = new URL(`postgres://postgres@127.0.0.1:${place.port}/${database}`);
  url.password = encodeURIComponent(password);
  const socketDir = await socketDirOf(place);
  if (socketDir !== undefined) url.searchParams.set('host', socketDir);
  return url.toString();
}
