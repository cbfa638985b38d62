import type { KeepCriteria } from './rules.ts';
import type { RankedVersion, RetentionReason } from './verdict.ts';

/** Explains in words why a version stays. @param keep criteria of the rule that keeps it */
export function explainKept(
  reason: Exclude<RetentionReason, 'unkept'>,
  { rank, isRelease, storedAt, lastPulled }: RankedVersion,
  keep: KeepCriteria = {},
): string {
  const stored = storedAt.toISOString().slice(0, 10);
  switch (reason) {
    case 'immutable':
      return 'Versions of the space are immutable, or come from a mirror.';
    case 'highest':
      return isRelease
        ? 'It is the highest release of the chart.'
        : 'It is the highest version of a chart that has no release.';
    case 'source':
      return 'A stored version was composed from it.';
    case 'job':
      return 'An unfinished job composes from it.';
    case 'restored':
      return 'Somebody has restored it after its deletion.';
    case 'noRule':
      return 'No rule fits the chart.';
    case 'last':
      return `It is ${kindOf(isRelease)} number ${rank} from the top, and the last ${keep.last} stay.`;
    case 'range':
      return `It is in the range ${keep.range}.`;
    case 'prereleaseDays':
      return `It is a pre-release of ${stored}, and those of ${keep.prereleaseDays} days stay.`;
    case 'pulledDays':
      return `It counts as downloaded on ${lastPulled}, and versions stay for ${keep.pulledDays} days after that.`;
    case 'newerDays':
      return `It was stored on ${stored}, and versions of ${keep.newerDays} days stay.`;
  }
}

/** Explains in words why a version goes. The words say of each criterion of the rule why it does not keep the version. */
export function explainDeleted(
  { rank, isRelease, storedAt, lastPulled }: RankedVersion,
  { last, range, prereleaseDays, pulledDays, newerDays }: KeepCriteria,
): string {
  const stored = storedAt.toISOString().slice(0, 10);
  const reasons = [
    last !== undefined && `it is ${kindOf(isRelease)} number ${rank} from the top, and the last ${last} stay`,
    range !== undefined && `it is not in the range ${range}`,
    prereleaseDays !== undefined &&
      (isRelease
        ? 'it is not a pre-release'
        : `it is a pre-release of ${stored}, and those of ${prereleaseDays} days stay`),
    pulledDays !== undefined &&
      `it counts as downloaded on ${lastPulled}, and versions stay for ${pulledDays} days after that`,
    newerDays !== undefined && `it was stored on ${stored}, and versions of ${newerDays} days stay`,
  ];
  return `No criterion of the rule keeps it: ${reasons.filter((reason) => reason !== false).join('; ')}.`;
}

function kindOf(isRelease: boolean): string {
  return isRelease ? 'release' : 'pre-release';
}
