import type { Database } from '../db/port.ts';
import { lockFollowGraph } from './find-cycle.ts';
import { failOrFreeCycles } from './refresh-sources.ts';

/** Largest number of lost edges that are acted on at once. */
const batchSize = 1_000;

/**
 * Frees the follows whose cycles somebody has broken. A cycle is broken by another recipe, or by ending a follow or
 * deleting its chart. A trigger notes each loss of edges in its transaction. The note stays until all cycles have been
 * checked, so a process may die in between, and two may do this at once.
 */
export async function freeFollowsOfBrokenCycles(db: Database): Promise<void> {
  const losses = await db.query<{ id: number }>(
    `SELECT id FROM follow_edge_losses ORDER BY id LIMIT ${batchSize}`,
  );
  if (losses.length === 0) return;
  for (const id of await selectCyclicFollows(db)) await freeFollowIfBroken(db, id);
  await db.query('DELETE FROM follow_edge_losses WHERE id = ANY($1::bigint[])', [losses.map(({ id }) => id)]);
}

/** Selects the follows that are part of a cycle, after all checks that may have seen the edges that are gone. */
function selectCyclicFollows(db: Database): Promise<string[]> {
  return db.transaction(async (tx) => {
    await lockFollowGraph(tx);
    const cyclic = await tx.query<{ id: string }>(
      "SELECT id FROM follows WHERE failure ->> 'code' = 'follow.cycle' ORDER BY id",
    );
    return cyclic.map(({ id }) => id);
  });
}

function freeFollowIfBroken(db: Database, id: string): Promise<void> {
  return db.transaction(async (tx) => {
    // Its row is locked before the graph, as everywhere.
    const locked = await tx.query(
      "SELECT FROM follows WHERE id = $1 AND failure ->> 'code' = 'follow.cycle' FOR NO KEY UPDATE",
      [id],
    );
    if (locked.length > 0) await failOrFreeCycles(tx, [id]);
  });
}
