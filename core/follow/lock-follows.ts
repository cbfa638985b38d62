import type { Transaction } from '../db/port.ts';
import type { NamedChart } from '../registry/mask-sources.ts';

/**
 * Locks follows, and those that listen to some charts, in the order of their ids.
 * A transaction that changes follows of both kinds begins with this, so that no two wait for each other in a circle. The
 * lock on the graph comes after the rows, and the row of a space after both.
 */
export async function lockFollows(
  tx: Transaction,
  followIds: readonly string[],
  changed: readonly NamedChart[],
): Promise<void> {
  await tx.query(
    `SELECT count(*) FROM (
       SELECT FROM follows f
        WHERE f.id IN (
          SELECT unnest($1::uuid[])
           UNION
          SELECT fs.follow_id
            FROM unnest((SELECT $2::text[]), (SELECT $3::text[])) AS n (space, chart)
                 JOIN follow_sources fs ON fs.space = n.space AND fs.chart = n.chart)
        ORDER BY f.id FOR NO KEY UPDATE) locked`,
    [followIds, changed.map(({ space }) => space), changed.map(({ chart }) => chart)],
  );
}
