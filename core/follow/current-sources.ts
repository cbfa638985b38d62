import { createHash } from 'node:crypto';
import type { Digest } from '../blobs/port.ts';
import type { Queryable } from '../db/port.ts';
import { resolveNow } from '../outdated/resolve-now.ts';
import type { FollowSettings } from '../recipe/follow-settings.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import { versionNameOf } from '../registry/names.ts';
import { newestVersionSql } from './newest-composed.ts';
import { isCountedStep } from './steps.ts';

/** Version that a chart is composed anew from. */
export interface FollowBase {
  space: string;
  spaceId: number;
  chart: string;
  version: string;
  /** Sources of its lineage; null for a version that was uploaded, or whose archive was replaced. */
  sources: ResolvedSource[] | null;
}

/** Reads the version that the chart of a follow is composed anew from. @returns undefined when the follow has ended */
export async function readFollowBase(db: Queryable, followId: string): Promise<FollowBase | undefined> {
  const [base] = await db.query<FollowBase>(
    `SELECT s.name AS space, s.id AS "spaceId", c.name AS chart, v.version, l.sources
       FROM follows f JOIN charts c ON c.id = f.chart_id JOIN spaces s ON s.id = c.space_id
            JOIN versions v ON v.id = ${newestVersionSql('f.chart_id')}
            LEFT JOIN lineage l ON l.version_id = v.id
      WHERE f.id = $1`,
    [followId],
  );
  return base;
}

/** Source as it would be resolved now. Version and digest are null where there is none. */
export type CurrentSource = Omit<ResolvedSource, 'version' | 'digest'> & {
  version: string | null;
  digest: Digest | null;
};

/** Resolves sources of a lineage as they would be now, in their order. */
export async function resolveSources(
  db: Queryable,
  sources: readonly ResolvedSource[],
): Promise<CurrentSource[]> {
  const found = await resolveNow(db, sources);
  return sources.map((source, index) => {
    const { version = null, digest = null } = found[index] ?? {};
    return { ...source, version, digest };
  });
}

/**
 * Whether one of the sources has changed in a way that counts. A change counts by a step that `on` allows, or in
 * place.
 */
export function hasRelevantChange(
  settings: FollowSettings,
  before: readonly ResolvedSource[],
  now: readonly CurrentSource[],
): boolean {
  return before.some(({ version, digest }, index) => {
    const current = now[index];
    if (!current || current.version === null) return false;
    return current.version === version
      ? current.digest !== digest
      : isCountedStep(settings, version, current.version);
  });
}

/** Computes the digest of a set of sources. Equal sets have equal ones, in whatever order. */
export function digestOfSources(sources: readonly CurrentSource[]): string {
  const lines = sources.map(
    ({ space, chart, requested, version, digest }) =>
      `${versionNameOf({ space, chart, version: requested })} ${version} ${digest}`,
  );
  return createHash('sha256')
    .update([...new Set(lines)].sort().join('\n'))
    .digest('hex');
}
