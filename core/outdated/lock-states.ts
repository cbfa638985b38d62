import type { Transaction } from '../db/port.ts';

/**
 * Locks the marks and the kept states until the transaction ends.
 * So marks see every state that was kept before, and two workers never keep states of one chart at once.
 */
export async function lockStates(tx: Transaction): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('composed states', 0))");
}
