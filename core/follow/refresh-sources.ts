import type { Transaction } from '../db/port.ts';
import { cycleError, findCycle, lockFollowGraph, type NamedChart } from './find-cycle.ts';
import { newestVersionSql } from './newest-composed.ts';
import { isStoppedSql } from './stopped.ts';

/**
 * Reads the sources of followed charts anew from the lineages of their newest versions.
 * A follow with sources that it did not have is due: they may have changed before anybody listened to them. Where the
 * newest version was uploaded, the former sources stay.
 * @param waveAt beginning of what led to it; now by default
 * @returns follows whose edges are others, for `checkCycles`, which comes after all locks on rows of follows
 */
export async function refreshSources(
  tx: Transaction,
  followIds: readonly string[],
  waveAt?: Date,
): Promise<string[]> {
  if (followIds.length === 0) return [];
  const changed = await tx.query<{ id: string }>(
    `WITH newest AS MATERIALIZED (
       SELECT f.id, l.sources
         FROM follows f JOIN lineage l ON l.version_id = ${newestVersionSql('f.chart_id')}
        WHERE f.id = ANY((SELECT $1::uuid[])::uuid[]) ORDER BY f.id FOR NO KEY UPDATE OF f
     ), source AS MATERIALIZED (
       SELECT DISTINCT ON (n.id, s.space, s.chart, s.requested) n.id, s.*
         FROM newest n, jsonb_to_recordset(n.sources) AS s (space text, chart text, requested text, version text)
     ), gone AS (
       DELETE FROM follow_sources fs USING newest n
        WHERE fs.follow_id = n.id AND NOT EXISTS (
          SELECT FROM source s WHERE s.id = n.id AND s.space = fs.space AND s.chart = fs.chart
                                 AND s.requested = fs.requested)
       RETURNING fs.follow_id
     ), kept AS (
       INSERT INTO follow_sources (follow_id, space, chart, requested, version)
       SELECT id, space, chart, requested, version FROM source
       ON CONFLICT (follow_id, space, chart, requested) DO UPDATE SET version = excluded.version
       RETURNING follow_id, xmax = 0 AS added
     ), due AS (
       UPDATE follows f SET due_since = coalesce(f.due_since, now()), due_at = coalesce(f.due_at, now()),
              look_at = coalesce(f.look_at, now()), wave_at = least(f.wave_at, coalesce($2::timestamptz, now()))
        WHERE f.id IN (SELECT follow_id FROM kept WHERE added) AND NOT ${isStoppedSql('f.failure')}
     )
     SELECT follow_id AS id FROM kept WHERE added UNION SELECT follow_id FROM gone`,
    [followIds, waveAt ?? null],
  );
  return changed.map(({ id }) => id);
}

/**
 * Fails the follows among some that are part of a cycle, so that they are not due, and frees those that were.
 * Of recipes that close one together the later one stays without effect. The caller has locked the follows, and locks no
 * others afterwards: the graph stays locked until the commit.
 */
export async function checkCycles(tx: Transaction, followIds: readonly string[]): Promise<void> {
  if (followIds.length === 0) return;
  await lockFollowGraph(tx);
  for (const id of followIds) {
    const { goal, start } = await readEdges(tx, id);
    const chain = goal && (await findCycle(tx, goal, start));
    await (chain ? failByCycle(tx, id, chain) : freeOfCycle(tx, id));
  }
}

async function readEdges(
  tx: Transaction,
  id: string,
): Promise<{ goal: NamedChart | undefined; start: NamedChart[] }> {
  const [goals, start] = await Promise.all([
    tx.query<NamedChart>(
      `SELECT s.name AS space, c.name AS chart
         FROM follows f JOIN charts c ON c.id = f.chart_id JOIN spaces s ON s.id = c.space_id WHERE f.id = $1`,
      [id],
    ),
    tx.query<NamedChart>(
      'SELECT DISTINCT space, chart FROM follow_sources WHERE follow_id = $1 AND requested <> version',
      [id],
    ),
  ]);
  return { goal: goals[0], start };
}

async function failByCycle(tx: Transaction, id: string, chain: readonly string[]): Promise<void> {
  await tx.query(
    `UPDATE follows SET failure = $2, due_at = NULL, due_since = NULL, wave_at = NULL, look_at = NULL WHERE id = $1`,
    [id, JSON.stringify(cycleError(chain).toBody())],
  );
}

/** Makes a follow due that is part of no cycle any more: nobody has listened to its sources meanwhile. */
async function freeOfCycle(tx: Transaction, id: string): Promise<void> {
  await tx.query(
    `UPDATE follows SET failure = NULL, failed_set = NULL, attempts = 0, due_since = now(), due_at = now(),
            wave_at = now(), look_at = now()
      WHERE id = $1 AND failure ->> 'code' = 'follow.cycle'`,
    [id],
  );
}
