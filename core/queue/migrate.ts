import { runMigrations } from 'bullmq';
import type pg from 'pg';

/** Schema of BullMQ's tables; the queue's pools have it as their search_path. */
export const queueSchema = 'bullmq';

/** Migrates BullMQ's own tables; for `migrate`'s `also`, when the queue is on PostgreSQL. */
export async function migrateQueue(client: pg.Client): Promise<void> {
  await runMigrations(client, queueSchema);
}
