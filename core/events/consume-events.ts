import type { Database, Transaction } from '../db/port.ts';
import type { EventConsumer, VersionEvent } from './version-event.ts';

/** Events of one transaction. */
const batchSize = 500;

/** Failures of an event after which it is given up. */
const maxAttempts = 12;

/** Seconds until an event that failed is tried again; twice as many after each further failure, up to an hour. */
const firstDelaySeconds = 5;
const maxDelaySeconds = 3_600;

/** Reports an event that failed, and whether it is given up. */
export type OnEventFailure = (event: VersionEvent, error: unknown, isGivenUp: boolean) => void;

/**
 * Passes all due events, in batches, to each consumer, and deletes them.
 * One process at a time does so, so that consumers see them in order; the others return at once. A batch that fails
 * is repeated event by event, so that one bad event does not hold up the rest.
 * @param signal ends the work before the next batch
 * @returns the number of events that were acted on
 * @throws when the database cannot be reached; what was not committed is passed again
 */
export async function consumeEvents(
  db: Database,
  consumers: readonly EventConsumer[],
  onFailure: OnEventFailure,
  signal?: AbortSignal,
): Promise<number> {
  let acted = 0;
  for (;;) {
    if (signal?.aborted) return acted;
    const consumed = await consumeBatch(db, consumers, batchSize).catch(() =>
      consumeSingly(db, consumers, onFailure, signal),
    );
    acted += consumed;
    if (consumed < batchSize) return acted;
  }
}

/** Passes the events of a batch one by one. @returns how many there were */
async function consumeSingly(
  db: Database,
  consumers: readonly EventConsumer[],
  onFailure: OnEventFailure,
  signal: AbortSignal | undefined,
): Promise<number> {
  for (let count = 0; ; count += 1) {
    if (count === batchSize || signal?.aborted) return count;
    let current: VersionEvent | undefined;
    const watch: EventConsumer = async (_, [event]) => {
      current = event;
    };
    try {
      if ((await consumeBatch(db, [watch, ...consumers], 1)) === 0) return count;
    } catch (error) {
      // Without an event the database itself has failed.
      if (!current) throw error;
      onFailure(current, error, await deferEvent(db, current.id));
    }
  }
}

/** Passes the next events in one transaction. @returns how many; none while another process does so */
function consumeBatch(db: Database, consumers: readonly EventConsumer[], limit: number): Promise<number> {
  return db.transaction(async (tx) => {
    if (!(await tryLockEvents(tx))) return 0;
    const events = await tx.query<VersionEvent>(
      `WITH due AS (
         SELECT id FROM version_events WHERE retry_at <= now() ORDER BY retry_at, id LIMIT $1
       ), taken AS (
         DELETE FROM version_events e USING due WHERE e.id = due.id RETURNING e.*
       )
       SELECT id, kind, space_id AS "spaceId", space, chart, version, digest, digest_before AS "digestBefore", author, at
         FROM taken ORDER BY id`,
      [limit],
    );
    if (events.length === 0) return 0;
    for (const consume of consumers) await consume(tx, events);
    return events.length;
  });
}

async function tryLockEvents(tx: Transaction): Promise<boolean> {
  const [row] = await tx.query<{ locked: boolean }>(
    "SELECT pg_try_advisory_xact_lock(hashtextextended('version events', 0)) AS locked",
  );
  return row?.locked ?? false;
}

/** Defers an event that failed, or deletes it after its last attempt. @returns whether it is given up */
async function deferEvent(db: Database, id: number): Promise<boolean> {
  const [row] = await db.query<{ attempts: number }>(
    `UPDATE version_events SET attempts = attempts + 1,
            retry_at = now() + make_interval(secs => least($2::float8 * 2 ^ attempts, $3::float8))
      WHERE id = $1 RETURNING attempts`,
    [id, firstDelaySeconds, maxDelaySeconds],
  );
  if (!row || row.attempts < maxAttempts) return false;
  await db.query('DELETE FROM version_events WHERE id = $1', [id]);
  return true;
}
