import semver from 'semver';
import type { RetentionRule } from '../../client/src/types/retention.ts';
import type { Random } from './random.ts';

// The rules of retention, computed apart from the registry's code: by npm's semver, version by version.

/** Version as a test has made it. */
export interface OracleVersion {
  chart: string;
  version: string;
  /** Whole days before the run at which it was stored, and at which it was downloaded last. */
  storedAgo: number;
  pulledAgo: number | null;
  /** Whether a stored version, or an unfinished job, is composed from it. */
  isNeeded: boolean;
}

const kinds = ['web', 'web-ui', 'api', 'api-gateway', 'worker', 'database', 'cache', 'mail'];
const ranges = ['^1', '~1.2', '>=2.0.0 <4.0.0', '1.x || 3.x', '>=3', '2.1 - 3.0'];
const globs = ['web*', 'api*', '*-gateway*', '*a*', 'w*', 'cache-?', '*'];

/** Draws versions of some charts, each of them once. */
export function drawVersions(random: Random, charts: number, count: number): OracleVersion[] {
  const drawn = new Map<string, OracleVersion>();
  while (drawn.size < count) {
    const chart = `${kinds[random.between(0, kinds.length - 1)]}-${random.between(1, Math.ceil(charts / kinds.length))}`;
    const numbers = [random.between(0, 4), random.between(0, 12), random.between(0, 9)].join('.');
    const pre =
      random.next() < 0.3 ? `-${random.pick(['alpha', 'beta', 'rc'])}.${random.between(1, 11)}` : '';
    const build = random.next() < 0.05 ? `+build.${random.between(1, 3)}` : '';
    const version = `${numbers}${pre}${build}`;
    const storedAgo = random.between(0, 400);
    drawn.set(`${chart}/${version}`, {
      ...{ chart, version, storedAgo },
      pulledAgo: random.next() < 0.4 ? random.between(0, storedAgo) : null,
      isNeeded: random.next() < 0.05,
    });
  }
  return [...drawn.values()];
}

/** Draws rules. */
export function drawRules(random: Random): RetentionRule[] {
  return Array.from({ length: random.between(1, 4) }, () => {
    const keep: RetentionRule['keep'] = {};
    if (random.next() < 0.6) keep.last = random.between(1, 6);
    if (random.next() < 0.3) keep.range = random.pick(ranges);
    if (random.next() < 0.3) keep.prereleaseDays = random.between(1, 60);
    if (random.next() < 0.3) keep.pulledDays = random.between(1, 120);
    if (random.next() < 0.3) keep.newerDays = random.between(1, 90);
    if (Object.keys(keep).length === 0) keep.last = 2;
    return { charts: [random.pick(globs)], keep };
  });
}

/** Computes the versions that must stay, as `chart/version`. @param recordedAgo days since downloads are recorded */
export function computeStaying(
  rules: readonly RetentionRule[],
  versions: readonly OracleVersion[],
  recordedAgo: number,
): Set<string> {
  const byChart = new Map<string, OracleVersion[]>();
  for (const version of versions)
    byChart.set(version.chart, [...(byChart.get(version.chart) ?? []), version]);
  const staying = new Set<string>();
  for (const [chart, all] of byChart) {
    const keep = rules.find(({ charts }) => charts.some((glob) => toExpression(glob).test(chart)))?.keep;
    for (const one of all)
      if (!keep || mustStay(keep, one, all, recordedAgo)) staying.add(`${chart}/${one.version}`);
  }
  return staying;
}

function toExpression(glob: string): RegExp {
  return new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

function mustStay(
  keep: RetentionRule['keep'],
  one: OracleVersion,
  all: readonly OracleVersion[],
  recordedAgo: number,
): boolean {
  const isPre = semver.prerelease(one.version) !== null;
  const ofKind = all.filter(({ version }) => (semver.prerelease(version) !== null) === isPre);
  const above = ofKind.filter(({ version }) => isAbove(version, one.version)).length;
  const hasRelease = all.some(({ version }) => semver.prerelease(version) === null);
  if (above === 0 && (!isPre || !hasRelease)) return true;
  if (one.isNeeded) return true;
  const pulledAgo = Math.min(one.pulledAgo ?? 10_000, one.storedAgo, recordedAgo);
  return [
    keep.last !== undefined && above < keep.last,
    keep.range !== undefined && semver.satisfies(one.version, keep.range),
    keep.prereleaseDays !== undefined && isPre && one.storedAgo < keep.prereleaseDays,
    keep.pulledDays !== undefined && pulledAgo <= keep.pulledDays,
    keep.newerDays !== undefined && one.storedAgo < keep.newerDays,
  ].includes(true);
}

/** Whether a version is listed above another: by precedence, and by its bytes where only the build differs. */
function isAbove(version: string, other: string): boolean {
  const order = semver.compare(version, other);
  return order > 0 || (order === 0 && version > other);
}
