import type { Comparison } from './constraint.ts';
import { parseVersion, sortKey } from './version.ts';

const operators = new Map<string, Comparison['operator']>([
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

const parts = /^v?([^.+-]+)(?:\.([^.+-]+))?(?:\.([^.+-]+))?(-[^+]*)?/;

/**
 * Parses one comparison.
 * @param version one to three parts, each digits or a wildcard, and perhaps a pre-release and build metadata
 */
export function parseComparison(operator: string, version: string): Comparison | undefined {
  const known = operators.get(operator);
  const [, major = '', minor, patch, prerelease = ''] = parts.exec(version) ?? [];
  if (!known) return undefined;
  const wildcard = isWild(major) ? 'major' : isWild(minor) ? 'minor' : isWild(patch) ? 'patch' : undefined;
  const full = {
    major: `0.0.0${prerelease}`,
    minor: `${major}.0.0${prerelease}`,
    patch: `${major}.${minor}.0${prerelease}`,
  };
  const parsed = parseVersion(wildcard ? full[wildcard] : version);
  return parsed && { operator: known, version: parsed, key: sortKey(parsed), wildcard };
}

function isWild(part: string | undefined): boolean {
  return part === undefined || part === 'x' || part === 'X' || part === '*';
}
