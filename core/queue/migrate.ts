import { runMigrations } from 'bullmq';
import type pg from 'pg';

/** Where BullMQ keeps its tables; the queue's pools have it as their search_path. */
export const queueSchema = 'bullmq';

/** Brings BullMQ's own tables up to date; for `migrate`'s `also`, when the queue is on PostgreSQL. */
export async function migrateQueue(client: pg.Client): Promise<void> {
  await runMigrations(client, queueSchema);
}
