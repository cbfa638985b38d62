import { systemCaller } from '../access/principal.ts';
import { toAuditRecord } from '../audit/event.ts';
import { recordAuditRecords } from '../audit/record.ts';
import type { Database } from '../db/port.ts';
import { announceAll } from '../webhooks/announce.ts';

/** Events that one transaction takes. */
const batchSize = 100;

interface QuotaEvent {
  spaceId: number;
  space: string;
  quota: 'bytes' | 'versions';
  used: number;
  limit: number;
  at: Date;
}

/**
 * Announces quotas of which a space has come to use 85 %, to its webhooks. Where access is guarded the audit records it. Several processes may do it at once; each event is announced by one of them, in the transaction that takes
 * it.
 * @param signal ends the work before its next batch
 * @returns the number of events
 */
export async function announceQuotas(
  db: Database,
  { guarded }: { guarded: boolean },
  signal?: AbortSignal,
): Promise<number> {
  for (let announced = 0; ; ) {
    if (signal?.aborted) return announced;
    const taken = await db.transaction(async (tx) => {
      const events = await tx.query<QuotaEvent>(
        `WITH taken AS (
           DELETE FROM quota_events WHERE id IN (
             SELECT id FROM quota_events ORDER BY id LIMIT ${batchSize} FOR UPDATE SKIP LOCKED) RETURNING *
         )
         SELECT s.id AS "spaceId", s.name AS space, t.quota, t.quota_used AS used, t.quota_most AS "limit", t.at
           FROM taken t JOIN spaces s ON s.id = t.space_id ORDER BY t.id`,
      );
      await announceAll(
        tx,
        events.map(({ spaceId, at, ...data }) => ({
          spaceId,
          type: 'quota.near',
          at,
          data: { ...data, chart: undefined },
        })),
      );
      const near = ({ space, quota, used, limit }: QuotaEvent) =>
        toAuditRecord(
          systemCaller,
          { door: 'worker' },
          {
            action: 'quota.near',
            space,
            details: { quota, used, limit },
          },
        );
      if (guarded) recordAuditRecords(tx, events.map(near));
      return events.length;
    });
    announced += taken;
    if (taken < batchSize) return announced;
  }
}
