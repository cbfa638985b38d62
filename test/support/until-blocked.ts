import { expect } from 'vitest';
import type { Queryable } from '../../core/db/port.ts';

/** Waits until another connection waits for a lock of a transaction. */
export async function untilBlocked(db: Queryable, tx: Queryable): Promise<void> {
  const [holder] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const countBlocked = async () => {
    const blocked = await db.query(
      'SELECT FROM pg_stat_activity WHERE datname = current_database() AND $1 = ANY(pg_blocking_pids(pid))',
      [holder?.pid],
    );
    return blocked.length;
  };
  await expect.poll(countBlocked, { timeout: 60_000 }).toBeGreaterThan(0);
}
