import { type Comparator, parseComparator } from './parse-comparator.ts';
import { parseVersion, sortKey, type Version } from './version.ts';

// Version constraints by the rules of Masterminds semver v3.5 (constraints.go), which Helm uses, also where it differs
// from its documentation. Versions compare by precedence, which ignores build metadata.

/** Comparators that a version must all meet. */
export interface ConstraintGroup {
  comparators: Comparator[];
  /** Whether a comparator has a pre-release; otherwise no pre-release meets the group. */
  allowsPrereleases: boolean;
}

/** Version constraint; a version meets it by meeting one of the groups. */
export interface Constraint {
  groups: ConstraintGroup[];
}

/** Bytes of the longest constraint. */
const maxLength = 512;

/** Largest number of groups joined by `||`. */
const maxGroups = 32;

/**
 * Parses a version constraint as Helm does.
 * Comparators (`=`, `!=`, `>`, `<`, `>=`, `<=`, `~`, `~>`, `^`, or a bare version, which is `=`) are joined by spaces or
 * commas (and) and by `||` (or). There are ranges `1.2 - 2.3.4`, and wildcards `1.x`, `*`.
 *
 * @returns undefined for a text that Helm does not read as a constraint
 */
export function parseConstraint(text: string): Constraint | undefined {
  if (Buffer.byteLength(text) > maxLength) return undefined;
  const parts = rewriteHyphenRanges(text).split('||');
  if (parts.length > maxGroups) return undefined;
  const groups: ConstraintGroup[] = [];
  for (const part of parts) {
    const comparators = parseGroup(part);
    if (!comparators) return undefined;
    const allowsPrereleases = comparators.some(({ version }) => version.prerelease.length > 0);
    groups.push({ comparators, allowsPrereleases });
  }
  return { groups };
}

/** Tells whether a version meets a constraint. @param key `sortKey` of the version, where the caller has it */
export function satisfies(version: Version, constraint: Constraint, key = sortKey(version)): boolean {
  return constraint.groups.some(
    ({ comparators, allowsPrereleases }) =>
      (allowsPrereleases || version.prerelease.length === 0) &&
      comparators.every((comparator) => meets(version, key, comparator)),
  );
}

/**
 * Tells whether a version is in a range, as Helm's IsCompatibleRange. False stands for an invalid range or version.
 */
export function isInRange(range: string, version: string): boolean {
  const constraint = parseConstraint(range);
  const parsed = parseVersion(version);
  return constraint !== undefined && parsed !== undefined && satisfies(parsed, constraint);
}

const numberOrWildcard = '[0-9|xX*]+';
const dottedIdentifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const spacePattern = '[\\t\\n\\f\\r ]';
const versionPattern = `v?${numberOrWildcard}(?:\\.${numberOrWildcard})?(?:\\.${numberOrWildcard})?(?:-${dottedIdentifiers})?(?:\\+${dottedIdentifiers})?`;
const hyphenRangePattern = new RegExp(
  `(${versionPattern})${spacePattern}+-${spacePattern}+(${versionPattern})`,
  'g',
);

function rewriteHyphenRanges(text: string): string {
  return text.replace(hyphenRangePattern, '>= $1, <= $2 ');
}

const comparatorPattern = new RegExp(`${spacePattern}*([=!<>~^]*)${spacePattern}*(${versionPattern})`, 'y');
const gapPattern = new RegExp(`${spacePattern}*(?:,${spacePattern}*)?`, 'y');

/** Parses comparators one by one with sticky patterns: one pattern for all would backtrack for ages on many spaces. */
function parseGroup(text: string): Comparator[] | undefined {
  const comparators: Comparator[] = [];
  for (let offset = 0; offset < text.length || comparators.length === 0; ) {
    comparatorPattern.lastIndex = offset;
    const [, operator, version] = comparatorPattern.exec(text) ?? [];
    const comparator = version === undefined ? undefined : parseComparator(operator ?? '', version);
    if (!comparator) return undefined;
    comparators.push(comparator);
    gapPattern.lastIndex = comparatorPattern.lastIndex;
    const [separator = ''] = gapPattern.exec(text) ?? [];
    offset = comparatorPattern.lastIndex + separator.length;
    if (separator === '' && offset < text.length) return undefined;
    if (separator.includes(',') && offset === text.length) return undefined;
  }
  return comparators;
}

function meets(version: Version, key: string, comparator: Comparator): boolean {
  const { operator, wildcard } = comparator;
  const { major, minor } = comparator.version;
  switch (operator) {
    case '=':
      return wildcard ? meetsTilde(version, key, comparator) : key === comparator.key;
    case '!=':
      return meetsNotEqual(version, key, comparator);
    case '>':
      if (wildcard === undefined) return key > comparator.key;
      if (version.major !== major) return version.major > major;
      if (wildcard === 'minor') return false;
      return wildcard === 'patch' ? version.minor > minor : key > comparator.key;
    case '>=':
      return key >= comparator.key;
    case '<':
      return key < comparator.key;
    case '<=':
      if (wildcard === undefined) return key <= comparator.key;
      return (
        version.major < major || (version.major === major && (version.minor <= minor || wildcard === 'minor'))
      );
    case '~':
      return meetsTilde(version, key, comparator);
    case '^':
      return key >= comparator.key && meetsCaretUpperEnd(version, comparator);
  }
}

function meetsNotEqual(
  version: Version,
  key: string,
  { version: bound, key: boundKey, wildcard }: Comparator,
): boolean {
  if (wildcard === undefined) return key !== boundKey;
  if (version.major !== bound.major) return true;
  if (wildcard === 'minor') return false;
  if (version.minor !== bound.minor) return true;
  if (wildcard === 'major') return version.patch !== bound.patch || key !== boundKey;
  return prereleaseOf(key) !== prereleaseOf(boundKey);
}

function prereleaseOf(key: string): string {
  return key.slice(key.search(/[-~]/));
}

/** Tests `~`: `~1.2.3` is `>=1.2.3 <1.3.0`, `~1` is `>=1.0.0 <2.0.0`; `~0.0.0` and `~*` have no upper end. */
function meetsTilde(
  version: Version,
  key: string,
  { version: bound, key: boundKey, wildcard }: Comparator,
): boolean {
  if (key < boundKey) return false;
  const zero = bound.major === 0n && bound.minor === 0n && bound.patch === 0n;
  if (zero && wildcard !== 'minor' && wildcard !== 'patch') return true;
  return version.major === bound.major && (version.minor === bound.minor || wildcard === 'minor');
}

/** Tests the upper end of `^`: 2.0.0 for `^1.2.3`, 0.3.0 for `^0.2.3`, 0.0.4 for `^0.0.3`, itself excluded. */
function meetsCaretUpperEnd(version: Version, { version: bound, wildcard }: Comparator): boolean {
  if (version.major !== bound.major) return false;
  if (bound.major > 0n || wildcard === 'minor') return true;
  if (version.minor !== bound.minor) return false;
  return bound.minor > 0n || wildcard === 'patch' || version.patch === bound.patch;
}
