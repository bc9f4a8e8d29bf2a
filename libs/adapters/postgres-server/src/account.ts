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

/** What the account must be able to use. */
export interface AccountNeeds {
  readonly program: string;
  /** Folder that the server's data lies in, or will. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  /** User id that owns the folder. */
  readonly owner: number;
}

/**
 * An ordinary user starts it directly. Root takes, in this order: a user namespace in which root
 * appears as an ordinary user (works below /root, files stay root's); another user who keeps the
 * right to pass through closed folders; another user.
 */
export function chooseAccount(needs: AccountNeeds): Account {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const ordinary = ordinaryUser();
  if (needs.owner === 0) {
    const prefix = ['unshare', '--user', `--map-user=${ordinary}`];
    if (works(prefix, needs, '-w')) return { prefix };
  }
  const uid = needs.owner === 0 ? ordinary : needs.owner;
  const identity = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  const rights = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  // Without this bit the kernel ignores that right when a program asks whether a file can be run.
  rights.push('--securebits=+no_setuid_fixup');
  const prefix = ['setpriv', ...identity, ...rights];
  if (works(prefix, needs, '-w')) return { prefix, uid };
  // The folder will be given to the user, who must be able to reach it.
  if (works([], needs, '-d', uid)) return { prefix: [], uid, switchUser: true };
  throw new AppError(
    'unavailable',
    'PostgreSQL does not run as root. Neither a user namespace (unshare) nor another user (uid ' +
      `${uid}) can run ${needs.program} with its data in ${needs.dir}. Start Parley as an ordinary ` +
      'user, move PARLEY_HOME and the program to where every user can enter, or set DATABASE_URL.',
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

/** @param access what must hold of the folder, as an option of `test`. */
function works(
  prefix: readonly string[],
  { program, dir, env }: AccountNeeds,
  access: '-w' | '-d',
  uid?: number,
): boolean {
  const probe = `test ${access} "$1" && exec "$2" --version`;
  const command = [...prefix, '/bin/sh', '-c', probe, 'probe', dir, program];
  const identity = uid === undefined ? {} : { uid, gid: uid };
  const [first = '/bin/sh', ...rest] = command;
  return spawnSync(first, rest, { env, cwd: '/', stdio: 'ignore', ...identity }).status === 0;
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
