import type { BreakingReport } from '@parley/contracts';

export type Bump = BreakingReport['bump'];
type Version = readonly [major: number, minor: number, patch: number];

/**
 * The next version number. Below 1.0.0 there is no promise yet: what breaks raises the second
 * number, everything else the third.
 */
export function nextVersion(version: string, bump: Bump): string | undefined {
  const found = read(version);
  if (found === undefined) return undefined;
  const [major, minor, patch] = found;
  const level =
    major > 0
      ? bump
      : ({ major: 'minor', minor: 'patch', patch: 'patch', none: 'none' } as const)[bump];
  switch (level) {
    case 'major':
      return `${String(major + 1)}.0.0`;
    case 'minor':
      return `${String(major)}.${String(minor + 1)}.0`;
    case 'patch':
      return `${String(major)}.${String(minor)}.${String(patch + 1)}`;
    case 'none':
      return [major, minor, patch].join('.');
  }
}

/** Whether a version number is this one or a later one. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [a, b] = [read(version), read(wanted)];
  if (a === undefined || b === undefined) return false;
  const at = a.findIndex((part, index) => part !== b[index]);
  return at === -1 || (a[at] ?? 0) > (b[at] ?? 0);
}

function read(version: string): Version | undefined {
  const found = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?$/.exec(version);
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])];
}
