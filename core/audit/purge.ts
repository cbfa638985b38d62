import { systemCaller } from '../access/principal.ts';
import type { Database, Transaction } from '../db/port.ts';
import { toAuditRecord } from './event.ts';
import { recordAuditRecords } from './record.ts';

/** Events that one transaction deletes. */
const batchSize = 2_000;

/**
 * Deletes the events that are older than they are kept, in short transactions. Each has an event of its own. Purges
 * of several processes do not wait for each other: one of them does the work.
 * @param days for which events are kept, at least one
 * @param signal ends the purge before its next batch; the next purge does the rest
 * @returns the number of deleted events
 */
export async function purgeAudit(db: Database, days: number, signal?: AbortSignal): Promise<number> {
  let removed = 0;
  for (let batch = batchSize; batch === batchSize && !signal?.aborted; removed += batch)
    batch = await db.transaction((tx) => purgeBatch(tx, days));
  return removed;
}

async function purgeBatch(tx: Transaction, days: number): Promise<number> {
  // The trigger lets this transaction delete what is older than the setting says, and nothing else.
  const [setting] = await tx.query<{ locked: boolean }>(
    `SELECT set_config('helm_registry.audit_keep', $1, true),
            pg_try_advisory_xact_lock(hashtextextended('audit purge', 0)) AS locked`,
    [String(days)],
  );
  if (!setting?.locked) return 0;
  const [purged] = await tx.query<{ events: number; last: string | null }>(
    `WITH old AS (
       SELECT at, number FROM audit_events WHERE at < now() - make_interval(days => $1)
        ORDER BY at, number LIMIT ${batchSize}
     ), deleted AS (
       DELETE FROM audit_events e USING old WHERE e.at = old.at AND e.number = old.number RETURNING e.at
     )
     SELECT count(*) AS events, max(at)::text AS last FROM deleted`,
    [days],
  );
  const { events = 0, last } = purged ?? {};
  if (events === 0) return 0;
  const event = { action: 'audit.purge', details: { events, last, days } } as const;
  recordAuditRecords(tx, [toAuditRecord(systemCaller, { door: 'worker' }, event)]);
  return events;
}
