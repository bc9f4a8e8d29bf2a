import { join } from 'node:path';

/** What the system's socket addresses have room for, with a zero at the end. */
const socketPathBytesMax = process.platform === 'darwin' ? 103 : 107;

interface ServerPlace {
  /** Folder of the server's own files. */
  readonly dir: string;
  readonly port: number;
}

/**
 * Folder of the server's Unix socket: whoever may enter it is served without the detour through the
 * network's layers. Undefined where its path is too long or cannot be written in the server's settings.
 */
export function socketDirOf({ dir, port }: ServerPlace): string | undefined {
  const isShort = Buffer.byteLength(join(dir, `.s.PGSQL.${port}.lock`)) <= socketPathBytesMax;
  return isShort && !dir.includes('"') && process.platform !== 'win32' ? dir : undefined;
}

/** The superuser's address of a server on this machine; `pg` prefers the socket that it names. */
export function adminUrlOf(
  place: ServerPlace,
  { password, database = 'parley' }: { readonly password: string; readonly database?: string },
): string {
  const url = new URL(`postgres://postgres@127.0.0.1:${place.port}/${database}`);
  url.password = encodeURIComponent(password);
  const socketDir = socketDirOf(place);
  if (socketDir !== undefined) url.searchParams.set('host', socketDir);
  return url.toString();
}
