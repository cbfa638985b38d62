import { matchesChart } from '../access/chart-globs.ts';
import { satisfies } from '../semver/constraint.ts';
import { parseVersion } from '../semver/version.ts';
import { explainDeleted, explainKept } from './explain.ts';
import { type KeepCriterionName, keepCriterionNames, type ReadyRule } from './rules.ts';
import type {
  Circumstances,
  FixedReason,
  RankedVersion,
  SliceFacts,
  Verdict,
  VersionFacts,
} from './verdict.ts';

/** Milliseconds of a day. */
const dayMs = 86_400_000;

/**
 * Decides which versions of a chart stay.
 * @param versions versions of the chart, the highest first
 * @param slice where they are in the chart; absent where they are all versions of the chart
 * @returns the decisions, in their order
 */
export function decideChart(
  rules: readonly ReadyRule[],
  chart: string,
  versions: readonly VersionFacts[],
  circumstances: Circumstances,
  slice?: SliceFacts,
): Verdict[] {
  const index = rules.findIndex(({ charts }) => matchesChart(charts, chart));
  const rule = rules[index];
  const number = rule ? index + 1 : null;
  const highest = findHighest(versions, slice);
  let { releases, prereleases } = slice?.above ?? { releases: 0, prereleases: 0 };
  return versions.map((facts) => {
    const fixed = findFixedReason(facts, facts === highest, rule, circumstances);
    const isOfRelease = isRelease(facts);
    if (isOfRelease) releases += 1;
    else prereleases += 1;
    const ranked: RankedVersion = {
      ...facts,
      isRelease: isOfRelease,
      rank: isOfRelease ? releases : prereleases,
      lastPulled: lastPulledDay(facts, circumstances.recordedSince),
    };
    if (fixed || !rule) {
      const reason = fixed ?? 'noRule';
      return {
        action: 'keep',
        rule: reason === 'noRule' ? null : number,
        reason,
        message: explainKept(reason, ranked),
      };
    }
    const criterion = keepCriterionNames.find((name) => keepTests[name](rule, ranked, circumstances.now));
    return criterion
      ? {
          action: 'keep',
          rule: number,
          reason: criterion,
          message: explainKept(criterion, ranked, rule.keep),
        }
      : { action: 'delete', rule: number, reason: 'unkept', message: explainDeleted(ranked, rule.keep) };
  });
}

/** Finds the highest release of a chart, or its highest version where it has none. @returns undefined outside the slice */
function findHighest(
  versions: readonly VersionFacts[],
  slice: SliceFacts | undefined,
): VersionFacts | undefined {
  const release = versions.find(isRelease);
  if (!slice) return release ?? versions[0];
  if (slice.above.releases > 0) return undefined;
  if (release || slice.hasRelease) return release;
  return slice.above.prereleases > 0 ? undefined : versions[0];
}

function isRelease({ sortKey }: VersionFacts): boolean {
  return sortKey.endsWith('~');
}

function findFixedReason(
  { isSource, isAwaited, isRestored }: VersionFacts,
  isHighest: boolean,
  rule: ReadyRule | undefined,
  { isImmutable }: Circumstances,
): FixedReason | undefined {
  if (isImmutable) return 'immutable';
  if (!rule) return 'noRule';
  if (isHighest) return 'highest';
  if (isSource) return 'source';
  if (isAwaited) return 'job';
  return isRestored ? 'restored' : undefined;
}

/**
 * Tells on which day a version counts as downloaded last: the day of its last download, the day on which it was stored, or
 * the first day of recording, whichever is the latest. So a new version has its time, and so has one whose downloads
 * before the recording nobody knows.
 */
function lastPulledDay({ pulledOn, storedAt }: VersionFacts, recordedSince: string): string {
  const stored = dayOf(storedAt);
  return [pulledOn ?? '', stored, recordedSince].reduce((one, other) => (one > other ? one : other));
}

/** Returns the day (UTC) of a time, as `2026-01-31`. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

type KeepTest = (rule: ReadyRule, ranked: RankedVersion, now: Date) => boolean;

const keepTests: Record<KeepCriterionName, KeepTest> = {
  last: ({ keep: { last } }, { rank }) => last !== undefined && rank <= last,
  range({ range }, { version, sortKey }) {
    const parsed = range && parseVersion(version);
    return parsed !== undefined && range !== undefined && satisfies(parsed, range, sortKey);
  },
  prereleaseDays: ({ keep: { prereleaseDays: days } }, { isRelease, storedAt }, now) =>
    days !== undefined && !isRelease && storedAt.getTime() > now.getTime() - days * dayMs,
  pulledDays: ({ keep: { pulledDays: days } }, { lastPulled }, now) =>
    days !== undefined && lastPulled >= dayOf(new Date(now.getTime() - days * dayMs)),
  newerDays: ({ keep: { newerDays: days } }, { storedAt }, now) =>
    days !== undefined && storedAt.getTime() > now.getTime() - days * dayMs,
};
