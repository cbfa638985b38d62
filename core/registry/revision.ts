import type { Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';

/** What a write does to a space, beside the version (or, without one, the whole chart) that it concerns. */
export interface SpaceChange {
  /** By how many there are more of them. */
  versions?: number;
  charts?: number;
  /** Whether what was there is not there any more as it was. */
  overwrites?: boolean;
}

/**
 * Revisions of a space of which it is kept what they changed: at least so many, and a few more, since they are dropped by
 * the hundred. Whoever is further behind reads everything again.
 */
const keptChanges = 1000;

/**
 * The last statement of every transaction that writes below a space: its revision goes up, and what changed is noted. From
 * here on the transaction holds the space's row, so revisions are committed in their order, and whoever sees one sees all
 * before it. The same row decides whether anything may be overwritten.
 * @throws {RegistryError} `version.immutable`
 */
export async function bumpRevision(
  tx: Transaction,
  spaceId: number,
  of: { space: string; chart: string; version?: string },
  { versions = 0, charts = 0, overwrites = false }: SpaceChange,
): Promise<void> {
  const bumped = await tx.query(
    `WITH bumped AS (
       UPDATE spaces SET revision = revision + 1, changed_at = clock_timestamp(),
              version_count = version_count + $2, chart_count = chart_count + $3
        WHERE id = $1 AND (overwriting = 'mutable' OR NOT $4::boolean)
        RETURNING id, revision
     ), dropped AS (
       DELETE FROM changes c USING bumped b
        WHERE b.revision % 100 = 0 AND c.space_id = b.id AND c.revision <= b.revision - $7::bigint
     )
     INSERT INTO changes (space_id, revision, chart, version)
     SELECT id, revision, $5, $6 FROM bumped RETURNING revision`,
    [spaceId, versions, charts, overwrites, of.chart, of.version ?? null, keptChanges],
  );
  if (bumped.length === 0) throw immutable(of);
}

function immutable({ space, chart, version }: { space: string; chart: string; version?: string }) {
  const what = version === undefined ? `${space}/${chart}` : `${space}/${chart}/${version}`;
  return new RegistryError(
    'version.immutable',
    `Versions in space ${space} are immutable: ${what} stays as it is. PATCH /api/v1/spaces/${space} with {"overwriting":"mutable"} lifts that.`,
  );
}
