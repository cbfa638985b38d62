import type { Queryable } from '../db/port.ts';

/** Writes whose charts are read in one statement: as many as leave it short. */
const batchSize = 500;

/**
 * Brings what is searched up to date with what was committed before. A write only notes which chart it concerns (migration
 * 0009); any number of processes may do this at once, and whatever dies meanwhile, the notes of what was not read stay.
 * @param timeoutMs milliseconds after which the rest is left to the next one
 * @param signal ends it after the batch that is in hand
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
