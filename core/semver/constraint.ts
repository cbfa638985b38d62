import { parseComparison } from './parse-constraint.ts';
import { parseVersion, sortKey, type Version } from './version.ts';

// Masterminds semver v3.5 (constraints.go), which Helm reads version constraints with, rule for rule, also where it
// differs from what its documentation says. Comparisons are by precedence: build metadata counts for nothing.

/** One comparison such as `^1.2`: the operator, the version, and how much of the version was given. */
export interface Comparison {
  operator: '=' | '!=' | '>' | '<' | '>=' | '<=' | '~' | '^';
  /** With 0 for what was left out or is a wildcard. */
  version: Version;
  /** `sortKey` of the version. */
  key: string;
  /** The first part that was left out or is a wildcard (`x`, `X`, `*`). */
  wildcard: 'major' | 'minor' | 'patch' | undefined;
}

/** Comparisons that must all hold; a pre-release can meet them only if one of them names a pre-release. */
export interface ConstraintGroup {
  comparisons: Comparison[];
  allowsPrereleases: boolean;
}

/** Groups of which one must hold. */
export interface Constraint {
  groups: ConstraintGroup[];
}

const maxLength = 512;
const maxGroups = 32;

/**
 * Parses a constraint: comparisons (`=`, `!=`, `>`, `<`, `>=`, `<=`, `~`, `~>`, `^`, or a bare version, which is `=`), joined
 * by spaces or commas (and) and by `||` (or); ranges `1.2 - 2.3.4`; wildcards `1.x`, `*`.
 *
 * @returns undefined for what Helm would not read.
 */
export function parseConstraint(text: string): Constraint | undefined {
  if (Buffer.byteLength(text) > maxLength) return undefined;
  const parts = rewriteRanges(text).split('||');
  if (parts.length > maxGroups) return undefined;
  const groups: ConstraintGroup[] = [];
  for (const part of parts) {
    const comparisons = parseGroup(part);
    if (!comparisons) return undefined;
    const allowsPrereleases = comparisons.some(({ version }) => version.prerelease.length > 0);
    groups.push({ comparisons, allowsPrereleases });
  }
  return { groups };
}

/** Whether a version meets a constraint. */
export function satisfies(version: Version, constraint: Constraint): boolean {
  const key = sortKey(version);
  return constraint.groups.some(
    ({ comparisons, allowsPrereleases }) =>
      (allowsPrereleases || version.prerelease.length === 0) &&
      comparisons.every((comparison) => meets(version, key, comparison)),
  );
}

/** Helm's IsCompatibleRange: false also for what is no constraint or no version. */
export function isInRange(range: string, version: string): boolean {
  const constraint = parseConstraint(range);
  const parsed = parseVersion(version);
  return constraint !== undefined && parsed !== undefined && satisfies(parsed, constraint);
}

const partial = '[0-9|xX*]+';
const tail = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const space = '[\\t\\n\\f\\r ]';
const spelled = `v?${partial}(?:\\.${partial})?(?:\\.${partial})?(?:-${tail})?(?:\\+${tail})?`;
const range = new RegExp(`(${spelled})${space}+-${space}+(${spelled})`, 'g');

function rewriteRanges(text: string): string {
  return text.replace(range, '>= $1, <= $2 ');
}

const item = new RegExp(`${space}*([=!<>~^]*)${space}*(${spelled})`, 'y');
const gap = new RegExp(`${space}*(?:,${space}*)?`, 'y');

/** Read with sticky patterns, one item after another: a pattern for the whole would go astray on many spaces. */
function parseGroup(text: string): Comparison[] | undefined {
  const comparisons: Comparison[] = [];
  for (let offset = 0; offset < text.length || comparisons.length === 0; ) {
    item.lastIndex = offset;
    const [, operator, version] = item.exec(text) ?? [];
    const comparison = version === undefined ? undefined : parseComparison(operator ?? '', version);
    if (!comparison) return undefined;
    comparisons.push(comparison);
    gap.lastIndex = item.lastIndex;
    const [between = ''] = gap.exec(text) ?? [];
    offset = item.lastIndex + between.length;
    if (between === '' && offset < text.length) return undefined;
    if (between.includes(',') && offset === text.length) return undefined;
  }
  return comparisons;
}

function meets(version: Version, key: string, comparison: Comparison): boolean {
  const { operator, wildcard } = comparison;
  const { major, minor } = comparison.version;
  switch (operator) {
    case '=':
      return wildcard ? meetsTilde(version, key, comparison) : key === comparison.key;
    case '!=':
      return meetsNotEqual(version, key, comparison);
    case '>':
      if (wildcard === undefined) return key > comparison.key;
      if (version.major !== major) return version.major > major;
      if (wildcard === 'minor') return false;
      return wildcard === 'patch' ? version.minor > minor : key > comparison.key;
    case '>=':
      return key >= comparison.key;
    case '<':
      return key < comparison.key;
    case '<=':
      if (wildcard === undefined) return key <= comparison.key;
      return (
        version.major < major || (version.major === major && (version.minor <= minor || wildcard === 'minor'))
      );
    case '~':
      return meetsTilde(version, key, comparison);
    case '^':
      return key >= comparison.key && meetsCaretUpperEnd(version, comparison);
  }
}

function meetsNotEqual(
  version: Version,
  key: string,
  { version: given, key: givenKey, wildcard }: Comparison,
): boolean {
  if (wildcard === undefined) return key !== givenKey;
  if (version.major !== given.major) return true;
  if (wildcard === 'minor') return false;
  if (version.minor !== given.minor) return true;
  if (wildcard === 'major') return version.patch !== given.patch || key !== givenKey;
  return prereleaseOf(key) !== prereleaseOf(givenKey);
}

function prereleaseOf(key: string): string {
  return key.slice(key.search(/[-~]/));
}

/** `~1.2.3` is `>=1.2.3 <1.3.0`, `~1` is `>=1.0.0 <2.0.0`; of `~0.0.0` and `~*` nothing is left but the lower end. */
function meetsTilde(version: Version, key: string, { version: given, key: givenKey, wildcard }: Comparison): boolean {
  if (key < givenKey) return false;
  const zero = given.major === 0n && given.minor === 0n && given.patch === 0n;
  if (zero && wildcard !== 'minor' && wildcard !== 'patch') return true;
  return version.major === given.major && (version.minor === given.minor || wildcard === 'minor');
}

/** `^1.2.3` is `>=1.2.3 <2.0.0`, `^0.2.3` is `>=0.2.3 <0.3.0`, `^0.0.3` is `>=0.0.3 <0.0.4`; the lower end is not checked here. */
function meetsCaretUpperEnd(version: Version, { version: given, wildcard }: Comparison): boolean {
  if (version.major !== given.major) return false;
  if (given.major > 0n || wildcard === 'minor') return true;
  if (version.minor !== given.minor) return false;
  return given.minor > 0n || wildcard === 'patch' || version.patch === given.patch;
}
