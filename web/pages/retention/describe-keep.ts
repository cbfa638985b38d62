import type { RetentionKeep } from '@helm-registry/client';
import { describeCount } from '../../parts/bytes.ts';

/** Says in words which versions a rule keeps. Each criterion of the rule is a part of the sentence. */
export function describeKeep({
  last,
  range,
  prereleaseDays,
  pulledDays,
  newerDays,
}: RetentionKeep): string[] {
  const days = (count: number) => describeCount(count, 'day');
  return [
    last !== undefined &&
      (last === 1
        ? 'the last release, and the last pre-release'
        : `the last ${describeCount(last, 'release')}, and as many pre-releases`),
    range !== undefined && `versions in ${range}`,
    prereleaseDays !== undefined && `pre-releases for ${days(prereleaseDays)}`,
    pulledDays !== undefined && `versions for ${days(pulledDays)} after their last download`,
    newerDays !== undefined && `versions for ${days(newerDays)} after they were stored`,
  ].filter((part) => part !== false);
}
