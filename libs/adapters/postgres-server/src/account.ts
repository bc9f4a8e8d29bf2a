import { spawnSync } from 'node:child_process';
import { chownSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { AppError } from '@parley/kernel';

/**
 * How PostgreSQL, which refuses to run as root, is started: directly, behind a program that changes
 * the identity and then becomes PostgreSQL, or by the system call itself.
 */
export interface Account {
  readonly prefix: readonly string[];
  /** Owner that the data must have; absent when it is the caller. */
  readonly uid?: number;
  /** Whether the identity is changed when the process is spawned. */
  readonly switchUser?: boolean;
}

/**
 * An ordinary user starts it directly. Root takes, in this order: a user namespace in which root
 * appears as an ordinary user (works below /root, files stay root's); another user who keeps the
 * right to pass through closed folders; another user.
 * @param owner user id that owns existing data.
 */
export function chooseAccount(program: string, owner: number | undefined): Account {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const ordinary = ordinaryUser();
  if (owner === undefined || owner === 0) {
    const prefix = ['unshare', '--user', `--map-user=${ordinary}`];
    if (works([...prefix, program])) return { prefix };
  }
  const uid = owner === undefined || owner === 0 ? ordinary : owner;
  const prefix = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  prefix.push('--inh-caps=+dac_override', '--ambient-caps=+dac_override');
  // Without this bit the kernel ignores that right when a program asks whether a file can be run.
  prefix.push('--securebits=+no_setuid_fixup');
  if (works([...prefix, program])) return { prefix, uid };
  const plain = spawnSync(program, ['--version'], { uid, gid: uid, stdio: 'ignore' });
  if (plain.status === 0) return { prefix: [], uid, switchUser: true };
  throw new AppError(
    'unavailable',
    'PostgreSQL does not run as root, and neither a user namespace (unshare) nor another user ' +
      `(setpriv, uid ${uid}) can run ${program}. Start Parley as an ordinary user, or set DATABASE_URL.`,
  );
}

/** The program with what must stand before it. */
export function inAccount({ prefix }: Account, program: string): [string, ...string[]] {
  const [first, ...rest] = prefix;
  return first === undefined ? [program] : [first, ...rest, program];
}

/** Gives data made under one account to another, when the way of starting has changed. */
export function giveTo(uid: number, path: string): void {
  const stat = lstatSync(path);
  if (stat.uid !== uid) chownSync(path, uid, uid);
  if (!stat.isDirectory()) return;
  for (const name of readdirSync(path)) giveTo(uid, join(path, name));
}

function works(command: readonly string[]): boolean {
  const [program, ...args] = command;
  if (program === undefined) return false;
  return spawnSync(program, [...args, '--version'], { stdio: 'ignore' }).status === 0;
}

/** initdb looks its user up by id: the id must have an entry. */
function ordinaryUser(): number {
  const entries = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid]) => ({ name, uid: Number(uid) }))
    .filter(({ uid }) => Number.isInteger(uid) && uid > 0);
  const entry = entries.find(({ name }) => name === 'nobody') ?? entries[0];
  if (entry === undefined) {
    throw new AppError('unavailable', 'PostgreSQL does not run as root, and no other user exists.');
  }
  return entry.uid;
}
