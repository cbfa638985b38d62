import type { Transaction } from '../db/port.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { ClosedCycle, maskedCycleError } from './cycle-error.ts';
import { findCycle, lockFollowGraph } from './find-cycle.ts';
import { newestVersionSql } from './newest-composed.ts';
import { isCycleSql, isStoppedSql } from './stopped.ts';

/**
 * Reads the sources of followed charts anew from the lineages of their newest versions. A follow with new sources is
 * due: they may have changed before the follow had them. Where the newest version was uploaded, the former sources
 * stay.
 * @param options.spaces whether somebody sets the follows now, and so accepts the spaces that the names have; otherwise a
 *   space that is known already stays the one that is meant
 * @param options.waveAt beginning of what led to it; now by default
 * @returns follows whose edges are others, for `failOrFreeCycles`, which comes after all locks on rows of follows
 */
export async function refreshSources(
  tx: Transaction,
  followIds: readonly string[],
  { spaces = 'keep', waveAt }: { spaces?: 'accept' | 'keep'; waveAt?: Date | undefined } = {},
): Promise<string[]> {
  if (followIds.length === 0) return [];
  const changed = await tx.query<{ id: string }>(
    `WITH newest AS MATERIALIZED (
       SELECT f.id, l.sources
         FROM follows f JOIN lineage l ON l.version_id = ${newestVersionSql('f.chart_id')}
        WHERE f.id = ANY((SELECT $1::uuid[])::uuid[]) ORDER BY f.id FOR NO KEY UPDATE OF f
     ), source AS MATERIALIZED (
       SELECT DISTINCT ON (n.id, s.space, s.chart, s.requested) n.id, s.*,
              CASE WHEN k.follow_id IS NULL THEN (SELECT p.id FROM spaces p WHERE p.name = s.space) ELSE k.space_id END AS space_id
         FROM newest n CROSS JOIN jsonb_to_recordset(n.sources) AS s (space text, chart text, requested text, version text)
              LEFT JOIN follow_sources k ON NOT $2::boolean AND k.follow_id = n.id AND k.space = s.space
     ), gone AS (
       DELETE FROM follow_sources fs USING newest n
        WHERE fs.follow_id = n.id AND NOT EXISTS (
          SELECT FROM source s WHERE s.id = n.id AND s.space = fs.space AND s.chart = fs.chart
                                 AND s.requested = fs.requested)
       RETURNING fs.follow_id
     ), kept AS (
       INSERT INTO follow_sources (follow_id, space, chart, requested, version, space_id)
       SELECT id, space, chart, requested, version, space_id FROM source
       ON CONFLICT (follow_id, space, chart, requested) DO UPDATE SET version = excluded.version,
         space_id = excluded.space_id
       RETURNING follow_id, xmax = 0 AS added
     ), due AS (
       UPDATE follows f SET due_since = coalesce(f.due_since, now()), due_at = coalesce(f.due_at, now()),
              look_at = coalesce(f.look_at, now()), wave_at = least(f.wave_at, coalesce($3::timestamptz, now()))
        WHERE f.id IN (SELECT follow_id FROM kept WHERE added) AND NOT ${isStoppedSql('f.failure')}
     )
     SELECT follow_id AS id FROM kept WHERE added UNION SELECT follow_id FROM gone`,
    [followIds, spaces === 'accept', waveAt ?? null],
  );
  return changed.map(({ id }) => id);
}

/**
 * Fails follows that are part of a cycle, so that they are not due. Those that were part of one are
 * freed. Where two recipes close a cycle together, the follow of the later one fails. The caller has locked the
 * follows, and locks no others afterwards: the graph stays locked until the commit.
 */
export async function failOrFreeCycles(tx: Transaction, followIds: readonly string[]): Promise<void> {
  if (followIds.length === 0) return;
  await lockFollowGraph(tx);
  for (const id of followIds) {
    const [goal] = await tx.query<NamedChart>(
      `SELECT s.name AS space, c.name AS chart
         FROM follows f JOIN charts c ON c.id = f.chart_id JOIN spaces s ON s.id = c.space_id WHERE f.id = $1`,
      [id],
    );
    const chain = goal && (await findOwnCycle(tx, id, goal));
    await (chain ? failByCycle(tx, id, chain) : clearCycleFailure(tx, id));
  }
}

/** Checks that a follow is not part of a cycle. @throws {ClosedCycle} so that nothing of it is committed */
export async function assertNoCycle(tx: Transaction, id: string, chart: NamedChart): Promise<void> {
  await lockFollowGraph(tx);
  const chain = await findOwnCycle(tx, id, chart);
  if (chain) throw new ClosedCycle(chain);
}

async function findOwnCycle(
  tx: Transaction,
  id: string,
  chart: NamedChart,
): Promise<NamedChart[] | undefined> {
  const start = await tx.query<NamedChart>(
    'SELECT DISTINCT space, chart FROM follow_sources WHERE follow_id = $1 AND requested <> version',
    [id],
  );
  return findCycle(tx, chart, start);
}

/**
 * Fails a follow by a cycle, unless it has failed by one already. A worker reports the cycle by a run; see
 * `openCycleReportRuns`.
 */
async function failByCycle(tx: Transaction, id: string, chain: readonly NamedChart[]): Promise<void> {
  await tx.query(
    `UPDATE follows SET failure = $2, untold_cycle = $3, due_at = NULL, due_since = NULL, wave_at = NULL, look_at = NULL
      WHERE id = $1 AND NOT ${isCycleSql('failure')}`,
    [id, JSON.stringify(maskedCycleError.toBody()), JSON.stringify(chain)],
  );
}

/** Makes a follow due that is no longer part of a cycle: changes of its sources were ignored meanwhile. */
async function clearCycleFailure(tx: Transaction, id: string): Promise<void> {
  await tx.query(
    `UPDATE follows SET failure = NULL, untold_cycle = NULL, failed_set = NULL, attempts = 0, due_since = now(),
            due_at = now(), wave_at = now(), look_at = now()
      WHERE id = $1 AND failure ->> 'code' = 'follow.cycle'`,
    [id],
  );
}
