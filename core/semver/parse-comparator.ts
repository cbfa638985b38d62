import { parseVersion, sortKey, type Version } from './version.ts';

/** Comparator of a constraint, such as `^1.2`. */
export interface Comparator {
  operator: '=' | '!=' | '>' | '<' | '>=' | '<=' | '~' | '^';
  /** Version, with 0 for parts that are absent or wildcards. */
  version: Version;
  /** `sortKey` of the version. */
  key: string;
  /** First part that is absent or a wildcard (`x`, `X`, `*`). */
  wildcard: 'major' | 'minor' | 'patch' | undefined;
}

const operators = new Map<string, Comparator['operator']>([
  ['', '='],
  ['=', '='],
  ['!=', '!='],
  ['>', '>'],
  ['<', '<'],
  ['>=', '>='],
  ['=>', '>='],
  ['<=', '<='],
  ['=<', '<='],
  ['~', '~'],
  ['~>', '~'],
  ['^', '^'],
]);

const versionPartsPattern = /^v?([^.+-]+)(?:\.([^.+-]+))?(?:\.([^.+-]+))?(-[^+]*)?/;

/**
 * Parses a comparator.
 * @param version one to three parts, each digits or a wildcard, with an optional pre-release and build metadata
 * @returns undefined for an unknown operator or an invalid version
 */
export function parseComparator(operator: string, version: string): Comparator | undefined {
  const canonical = operators.get(operator);
  const [, major = '', minor, patch, prerelease = ''] = versionPartsPattern.exec(version) ?? [];
  if (!canonical) return undefined;
  const wildcard = isWildcard(major)
    ? 'major'
    : isWildcard(minor)
      ? 'minor'
      : isWildcard(patch)
        ? 'patch'
        : undefined;
  const full = {
    major: `0.0.0${prerelease}`,
    minor: `${major}.0.0${prerelease}`,
    patch: `${major}.${minor}.0${prerelease}`,
  };
  const parsed = parseVersion(wildcard ? full[wildcard] : version);
  return parsed && { operator: canonical, version: parsed, key: sortKey(parsed), wildcard };
}

function isWildcard(part: string | undefined): boolean {
  return part === undefined || part === 'x' || part === 'X' || part === '*';
}
