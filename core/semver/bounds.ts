import type { Constraint } from './constraint.ts';
import type { Comparator } from './parse-comparator.ts';
import { sortKey, type Version } from './version.ts';

/** Range of sort keys (see `sortKey`), both ends included; an absent end is open. */
export interface Bounds {
  from?: string;
  to?: string;
}

/**
 * Computes bounds of the versions that meet a constraint. A query with the bounds reads only candidates. Every
 * version that meets the constraint is within the bounds; a version within them need not meet it.
 */
export function boundsOfConstraint({ groups }: Constraint): Bounds {
  const [first, ...others] = groups.map(({ comparators }) =>
    intersectBounds(comparators.map(comparatorBounds)),
  );
  return others.reduce<Bounds>((all, { from, to }) => {
    const low = selectBetterBound(all.from, from, (a, b) => a < b);
    const high = selectBetterBound(all.to, to, (a, b) => a > b);
    return { ...(low === undefined ? {} : { from: low }), ...(high === undefined ? {} : { to: high }) };
  }, first ?? {});
}

function intersectBounds(all: readonly Bounds[]): Bounds {
  const bounds: Bounds = {};
  for (const { from, to } of all) {
    if (from !== undefined && (bounds.from === undefined || from > bounds.from)) bounds.from = from;
    if (to !== undefined && (bounds.to === undefined || to < bounds.to)) bounds.to = to;
  }
  return bounds;
}

function selectBetterBound(
  a: string | undefined,
  b: string | undefined,
  better: (a: string, b: string) => boolean,
): string | undefined {
  if (a === undefined || b === undefined) return undefined;
  return better(a, b) ? a : b;
}

function comparatorBounds({ operator, version, key, wildcard }: Comparator): Bounds {
  switch (operator) {
    case '!=':
      return {};
    case '>':
    case '>=':
      return { from: key };
    case '<':
      return { to: key };
    case '<=':
      return {
        to: wildcard ? sortKeyOfCore(wildcard === 'minor' ? nextMajor(version) : nextMinor(version)) : key,
      };
    case '=':
      if (!wildcard) return { from: key, to: key };
      return wildcard === 'major'
        ? { from: key }
        : { from: key, to: sortKeyOfCore(tildeUpperBound(version, wildcard)) };
    case '~': {
      const zero = version.major === 0n && version.minor === 0n && version.patch === 0n;
      if (zero && wildcard !== 'minor' && wildcard !== 'patch') return { from: key };
      return { from: key, to: sortKeyOfCore(tildeUpperBound(version, wildcard)) };
    }
    case '^':
      return { from: key, to: sortKeyOfCore(caretUpperBound(version, wildcard)) };
  }
}

type VersionCore = Pick<Version, 'major' | 'minor' | 'patch'>;

function tildeUpperBound(version: Version, wild: Comparator['wildcard']): VersionCore {
  return wild === 'minor' ? nextMajor(version) : nextMinor(version);
}

function caretUpperBound(version: Version, wild: Comparator['wildcard']): VersionCore {
  if (version.major > 0n || wild === 'minor') return nextMajor(version);
  if (version.minor > 0n || wild === 'patch') return nextMinor(version);
  return { major: 0n, minor: 0n, patch: version.patch + 1n };
}

function nextMajor({ major }: Version): VersionCore {
  return { major: major + 1n, minor: 0n, patch: 0n };
}

function nextMinor({ major, minor }: Version): VersionCore {
  return { major, minor: minor + 1n, patch: 0n };
}

function sortKeyOfCore(core: VersionCore): string {
  return sortKey({ ...core, prerelease: [], build: '' });
}
