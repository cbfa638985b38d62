import { expect, it } from 'vitest';
import { parseVersion, sortKey } from '../semver/version.ts';
import { decideChart } from './decide.ts';
import { type KeepCriteria, prepareRules } from './rules.ts';
import type { VersionFacts } from './verdict.ts';

const now = new Date('2026-06-30T12:00:00Z');
const circumstances = { now, isImmutable: false, recordedSince: '2026-01-01' };
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);

function factsOf(version: string, facts: Partial<VersionFacts> = {}): VersionFacts {
  const parsed = parseVersion(version);
  if (!parsed) throw new Error(`${version} is not a version`);
  const stored = { storedAt: daysAgo(400), pulledOn: null };
  return {
    version,
    sortKey: sortKey(parsed),
    ...stored,
    isSource: false,
    isAwaited: false,
    isRestored: false,
    ...facts,
  };
}

/** Decides by one rule for all charts. @returns reasons by version, in the order of the versions */
function reasonsOf(keep: KeepCriteria, versions: readonly VersionFacts[], more = {}) {
  const rules = prepareRules([{ charts: ['*'], keep }]);
  const verdicts = decideChart(rules, 'web', versions, { ...circumstances, ...more });
  return verdicts.map(({ reason }, index) => `${versions[index]?.version} ${reason}`);
}

it('counts releases and pre-releases apart, from the highest by SemVer', () => {
  const versions = ['2.0.0-rc.2', '2.0.0-rc.1', '1.10.0', '1.9.0', '1.9.0-rc.1', '1.2.0'].map((name) =>
    factsOf(name),
  );
  expect(reasonsOf({ last: 2 }, versions)).toEqual([
    '2.0.0-rc.2 last',
    '2.0.0-rc.1 last',
    '1.10.0 highest',
    '1.9.0 last',
    '1.9.0-rc.1 unkept',
    '1.2.0 unkept',
  ]);
});

it('keeps the highest release, and the highest version of a chart without releases', () => {
  const days = { newerDays: 1 };
  expect(reasonsOf(days, [factsOf('2.0.0-rc.1'), factsOf('1.0.0'), factsOf('0.9.0')])).toEqual([
    '2.0.0-rc.1 unkept',
    '1.0.0 highest',
    '0.9.0 unkept',
  ]);
  expect(reasonsOf(days, [factsOf('2.0.0-rc.1'), factsOf('2.0.0-alpha')])).toEqual([
    '2.0.0-rc.1 highest',
    '2.0.0-alpha unkept',
  ]);
});

it('keeps a version for days after it was stored, and after its last download', () => {
  const top = factsOf('9.0.0');
  expect(
    reasonsOf({ newerDays: 10 }, [
      top,
      factsOf('8.0.0', { storedAt: daysAgo(9.99) }),
      factsOf('7.0.0', { storedAt: daysAgo(10) }),
    ]),
  ).toEqual(['9.0.0 highest', '8.0.0 newerDays', '7.0.0 unkept']);
  expect(
    reasonsOf({ pulledDays: 10 }, [
      top,
      factsOf('8.0.0', { pulledOn: '2026-06-20' }),
      factsOf('7.0.0', { pulledOn: '2026-06-19' }),
      factsOf('6.0.0', { storedAt: daysAgo(2) }),
    ]),
  ).toEqual(['9.0.0 highest', '8.0.0 pulledDays', '7.0.0 unkept', '6.0.0 pulledDays']);
  // Nobody knows the downloads before the recording began.
  expect(reasonsOf({ pulledDays: 10 }, [top, factsOf('8.0.0')], { recordedSince: '2026-06-25' })).toEqual([
    '9.0.0 highest',
    '8.0.0 pulledDays',
  ]);
});

it('keeps by the first rule that fits a chart, and everything where none does', () => {
  const rules = prepareRules([
    { charts: ['web', 'api-*'], keep: { range: '>=0.0.0-0' } },
    { charts: ['w*'], keep: { last: 1 } },
  ]);
  const versions = [factsOf('2.0.0'), factsOf('1.0.0')];
  const decide = (chart: string) =>
    decideChart(rules, chart, versions, circumstances).map(({ action, rule, reason }) => [
      action,
      rule,
      reason,
    ]);
  expect(decide('web')[1]).toEqual(['keep', 1, 'range']);
  expect(decide('worker')[1]).toEqual(['delete', 2, 'unkept']);
  expect(decide('other')).toEqual([
    ['keep', null, 'noRule'],
    ['keep', null, 'noRule'],
  ]);
});

it('keeps what others need whatever the rules say, and everything in an immutable space', () => {
  const versions = [
    factsOf('5.0.0'),
    factsOf('4.0.0', { isSource: true }),
    factsOf('3.0.0', { isAwaited: true }),
    factsOf('2.0.0', { isRestored: true }),
    factsOf('1.0.0'),
  ];
  expect(reasonsOf({ last: 1 }, versions)).toEqual([
    '5.0.0 highest',
    '4.0.0 source',
    '3.0.0 job',
    '2.0.0 restored',
    '1.0.0 unkept',
  ]);
  const all = reasonsOf({ last: 1 }, versions, { isImmutable: true });
  expect(all.every((reason) => reason.endsWith(' immutable'))).toBe(true);
});

it('says of each criterion why it does not keep a version', () => {
  const rules = prepareRules([{ charts: ['*'], keep: { last: 1, range: '^5', pulledDays: 7 } }]);
  const [, gone] = decideChart(rules, 'web', [factsOf('5.0.0'), factsOf('4.0.0')], circumstances);
  expect(gone?.message).toBe(
    'No criterion of the rule keeps it: it is release number 2 from the top, and the last 1 stay; it is not in the range ^5; ' +
      'it counts as downloaded on 2026-01-01, and versions stay for 7 days after that.',
  );
});

it('decides about a slice of a chart as about the whole', () => {
  const names = [
    '3.0.0-rc.2',
    '3.0.0-rc.1',
    '2.1.0',
    '2.1.0-rc.1',
    '2.0.0',
    '1.0.0-rc.1',
    '1.0.0',
    '0.9.0-a',
  ];
  const rules = prepareRules([{ charts: ['*'], keep: { last: 2, range: '~0.9.0-0' } }]);
  for (const chosen of [names, names.filter((name) => name.includes('-')), ['1.0.0']]) {
    const versions = chosen.map((name) => factsOf(name));
    const whole = decideChart(rules, 'web', versions, circumstances);
    const isPre = (name: string) => name.includes('-');
    for (let from = 0; from < chosen.length; from += 1)
      for (let to = from + 1; to <= chosen.length; to += 1) {
        const above = chosen.slice(0, from);
        const prereleases = above.filter(isPre).length;
        const slice = {
          above: { prereleases, releases: from - prereleases },
          hasRelease: to < chosen.length && !chosen.every(isPre),
        };
        const decided = decideChart(rules, 'web', versions.slice(from, to), circumstances, slice);
        expect(decided, `${chosen.slice(from, to)}`).toEqual(whole.slice(from, to));
      }
  }
});
