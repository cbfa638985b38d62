import type { Queryable } from '../db/port.ts';
import { versionNameOf } from '../registry/names.ts';
import type { VersionRef } from '../registry/registry.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import { parseVersion, sortKey, type Version } from '../semver/version.ts';
import { deprecatedSql } from './stored-now.ts';

/** Steps from a version to a higher one, by the first number that differs. The greatest is last. */
export const steps = ['patch', 'minor', 'major'] as const;

/** Step from a version to a higher one. */
export type Step = (typeof steps)[number];

/** Higher version, and whether its Chart.yaml says `deprecated`. */
export interface NewerVersion {
  version: string;
  deprecated: boolean;
}

/** Highest version of each step; a step without a version is absent. */
export type NewerVersions = { [step in Step]?: NewerVersion };

/** Stored versions above one. */
export interface NewerStoredVersions {
  releases: NewerVersions;
  /** Pre-releases, where they are above every release of their step. */
  prereleases: NewerVersions;
}

/** Sort keys at which the steps above a version begin; each is lower than every key of its step. */
interface StepStarts {
  patch: string;
  minor: string;
  major: string;
}

interface NewerRow extends NewerVersion {
  index: number;
  step: Step;
  release: boolean;
}

/** Sorts after every sort key, which begin with a digit. */
const afterEverySortKey = '~';

/**
 * Finds the highest versions of each step above some versions, with one query.
 * A step costs two look-ups in an index, however many versions it has; a version with nothing above it costs one.
 * @param bases versions, which need not be stored
 * @returns a function that tells what is above one of them
 */
export async function findNewer(
  db: Queryable,
  bases: readonly VersionRef[],
): Promise<(base: VersionRef) => NewerStoredVersions> {
  const distinct = [...new Map(bases.map((base) => [versionNameOf(base), base]))];
  const found = new Map(distinct.map(([key]) => [key, nothingNewer()]));
  for (const { index, step, release, version, deprecated } of await selectNewer(db, distinct)) {
    const newer = found.get(distinct[index]?.[0] ?? '');
    if (newer) newer[release ? 'releases' : 'prereleases'][step] = { version, deprecated };
  }
  return (base) => found.get(versionNameOf(base)) ?? nothingNewer();
}

function nothingNewer(): NewerStoredVersions {
  return { releases: {}, prereleases: {} };
}

async function selectNewer(
  db: Queryable,
  bases: readonly (readonly [string, VersionRef])[],
): Promise<NewerRow[]> {
  const wanted = bases.flatMap(([, { space, chart, version }], index) => {
    const starts = stepStartsAbove(version);
    return starts ? [{ index, space, chart, ...starts }] : [];
  });
  if (wanted.length === 0) return [];
  const highest = (condition: string) => `(SELECT sort_key, version, metadata FROM versions
            WHERE chart_id = chart.id AND sort_key > step.above AND sort_key < step.below AND ${condition}
            ORDER BY sort_key DESC, version DESC LIMIT 1)`;
  return db.query<NewerRow>(
    `SELECT w.index, step.name AS step, n.release, n.version, n.deprecated
       FROM unnest((SELECT $1::int[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::text[]),
                   (SELECT $5::text[]), (SELECT $6::text[])) AS w (index, space, chart, patch, minor, major)
       CROSS JOIN LATERAL (
         SELECT ${chartIdSql('w.space', 'w.chart')} AS id OFFSET 0
       ) chart
       CROSS JOIN LATERAL (
         SELECT sort_key FROM versions WHERE chart_id = chart.id AND sort_key > w.patch ORDER BY sort_key DESC LIMIT 1
       ) top
       CROSS JOIN LATERAL (
         VALUES ('patch', w.patch, w.minor), ('minor', w.minor, w.major), ('major', w.major, '${afterEverySortKey}')
       ) AS step (name, above, below)
       CROSS JOIN LATERAL (
         SELECT true AS release, v.version, ${deprecatedSql} AS deprecated
           FROM ${highest(`right(sort_key, 1) = '~'`)} v
         UNION ALL
         SELECT false, v.version, ${deprecatedSql} FROM ${highest('true')} v WHERE right(v.sort_key, 1) <> '~'
       ) n
      WHERE top.sort_key > step.above`,
    [
      wanted.map(({ index }) => index),
      wanted.map(({ space }) => space),
      wanted.map(({ chart }) => chart),
      wanted.map(({ patch }) => patch),
      wanted.map(({ minor }) => minor),
      wanted.map(({ major }) => major),
    ],
  );
}

/** Computes where the steps above a version begin; undefined for a text that is not a version. */
function stepStartsAbove(text: string): StepStarts | undefined {
  const version = parseVersion(text);
  if (!version) return undefined;
  const { major, minor } = version;
  return {
    patch: sortKey(version),
    minor: sortKeyBeforePrereleases({ major, minor: minor + 1n, patch: 0n }),
    major: sortKeyBeforePrereleases({ major: major + 1n, minor: 0n, patch: 0n }),
  };
}

/** Makes a key that sorts before the first pre-release of a version, and after everything lower. */
function sortKeyBeforePrereleases(numbers: Pick<Version, 'major' | 'minor' | 'patch'>): string {
  return sortKey({ ...numbers, prerelease: [], build: '' }).replace(/~$/, '-');
}
