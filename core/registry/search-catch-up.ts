import type { Queryable } from '../db/port.ts';

/** Recorded writes of one statement, few enough to keep it short. */
const batchSize = 500;

/**
 * Updates the search table with the writes committed before the call.
 * A write only records which chart it concerns (migration 0009). Several processes may catch up in parallel; when one
 * dies, the records it has not processed stay.
 * @param timeoutMs milliseconds after which the rest is left to the next call
 * @param signal ends the call after its current batch
 */
export async function catchUpSearch(db: Queryable, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  for (let after: number | null = 0; after !== null; ) {
    const [row]: { last: number | null }[] = await db.query('SELECT search_catch_up($1, $2) AS last', [
      after,
      batchSize,
    ]);
    after = row?.last ?? null;
    if (signal?.aborted || performance.now() - startedAt > timeoutMs) return;
  }
}
