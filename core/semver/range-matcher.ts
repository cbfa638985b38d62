import { type Constraint, parseConstraint, satisfies } from './constraint.ts';
import { parseVersion, sortKey, type Version } from './version.ts';

/** Matcher of many versions with many ranges. */
export interface RangeMatcher {
  /** Tells whether a version is in a range, as `isInRange`; false once the work is spent. */
  isInRange(range: string, version: string): boolean;
  /** Tells whether the bound on work is reached: then `isInRange` may have answered false for a version in its range. */
  isSpent(): boolean;
}

/**
 * Creates a matcher that parses each range and version once.
 * @param work comparisons that it may make, and characters that it may parse, together; a million take a twentieth of a
 *   second
 */
export function createRangeMatcher(work = Number.POSITIVE_INFINITY): RangeMatcher {
  let left = work;
  const constraintOf = createCache(parseRange);
  const versionOf = createCache(parseKeyed);

  function createCache<T>(parse: (text: string) => T): (text: string) => T {
    const known = new Map<string, { value: T }>();
    return (text) => {
      const found = known.get(text);
      if (found) return found.value;
      left -= text.length;
      const value = parse(text);
      known.set(text, { value });
      return value;
    };
  }

  return {
    isInRange(range, version) {
      left -= 1;
      if (left < 0) return false;
      const ranged = constraintOf(range);
      const keyed = versionOf(version);
      if (!ranged || !keyed) return false;
      left -= ranged.comparators;
      return left >= 0 && satisfies(keyed.parsed, ranged.constraint, keyed.key);
    },
    isSpent: () => left < 0,
  };
}

function parseRange(text: string): { constraint: Constraint; comparators: number } | undefined {
  const constraint = parseConstraint(text);
  if (!constraint) return undefined;
  const comparators = constraint.groups.reduce((sum, group) => sum + group.comparators.length, 0);
  return { constraint, comparators };
}

function parseKeyed(text: string): { parsed: Version; key: string } | undefined {
  const parsed = parseVersion(text);
  return parsed && { parsed, key: sortKey(parsed) };
}
