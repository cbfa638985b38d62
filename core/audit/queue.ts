import { systemCaller } from '../access/principal.ts';
import type { Database } from '../db/port.ts';
import type { Log } from '../runtime/log.ts';
import { isTransientError } from '../runtime/transient-errors.ts';
import type { AuditRecord } from './event.ts';
import { toAuditRecord } from './event.ts';
import { insertAuditRecords } from './record.ts';
import { createRepeatCounter } from './repeats.ts';

/**
 * Queue of events that belong to no transaction: refusals and log-ins.
 * It delays no request. Where it is full, or the database is away for long, events are dropped, counted, and the count
 * is recorded.
 */
export interface AuditQueue {
  /** Adds an event. Equal refusals of a minute are one event after the first, with their number. */
  add(record: AuditRecord): void;
  /** Resolves when everything that was added before is written, or a write has failed and is put off. */
  finish(): Promise<void>;
  /** Writes what is left, the repeated refusals too, and ends. */
  close(): Promise<void>;
}

/** Options of an audit queue. */
export interface AuditQueueOptions {
  /** Events that wait at the most. */
  maxWaiting?: number;
  /** Milliseconds for which equal refusals are counted. */
  windowMs?: number;
  /** Milliseconds from a failed write to the next. */
  retryMs?: number;
}

/** Events in one statement. */
const maxEventsPerStatement = 200;

/** Creates the queue of one process. */
export function createAuditQueue(
  db: Pick<Database, 'query'>,
  log: Log,
  { maxWaiting = 2_000, windowMs = 60_000, retryMs = 5_000 }: AuditQueueOptions = {},
): AuditQueue {
  const waiting: AuditRecord[] = [];
  const repeats = createRepeatCounter(windowMs, maxWaiting, enqueue);
  /** Callers of `finish`, each with the number of events that must be written before it goes on. */
  let callers: { events: number; resolve: () => void }[] = [];
  let written = 0;
  let dropped = 0;
  let isWriting = false;
  let together = maxEventsPerStatement;
  let retry: NodeJS.Timeout | undefined;

  function enqueue(record: AuditRecord): void {
    if (waiting.length >= maxWaiting) {
      dropped += record.times ?? 1;
      return;
    }
    waiting.push(record);
    start();
  }

  function start(): void {
    if (!isWriting && !retry) void writeAll();
  }

  async function writeAll(): Promise<void> {
    isWriting = true;
    // A turn later, so that events of one moment share a statement.
    await Promise.resolve();
    while (waiting.length > 0 && (await writeBatch())) goOn(written);
    isWriting = false;
    goOn(Number.POSITIVE_INFINITY);
  }

  /** Writes the oldest events. @returns false where the database is away, and the rest has to wait */
  async function writeBatch(): Promise<boolean> {
    const batch = waiting.slice(0, together);
    try {
      await insertAuditRecords(db, batch);
    } catch (error) {
      if (isTransientError(error)) {
        log.warn({ error, waiting: waiting.length }, 'audit events were not written, they are tried again');
        retry = setTimeout(retryNow, retryMs).unref();
        return false;
      }
      // Write them one by one: the one that cannot be written then hinders no other.
      if (batch.length > 1) together = 1;
      else drop(error);
      return true;
    }
    waiting.splice(0, batch.length);
    written += batch.length;
    reportDropped();
    return true;
  }

  function drop(error: unknown): void {
    log.error({ error }, 'an audit event cannot be written');
    waiting.shift();
    written += 1;
    dropped += 1;
    together = maxEventsPerStatement;
  }

  /** Lets those go on whose events are among the first so many. */
  function goOn(events: number): void {
    for (const caller of callers) if (caller.events <= events) caller.resolve();
    callers = callers.filter((caller) => caller.events > events);
  }

  function retryNow(): void {
    clearTimeout(retry);
    retry = undefined;
    if (waiting.length > 0) start();
  }

  /** Records the number of dropped events, once there is room again. */
  function reportDropped(): void {
    if (dropped === 0) return;
    log.warn({ dropped }, 'audit events were dropped, since too many came at once');
    const lost = toAuditRecord(systemCaller, { door: 'api' }, { action: 'audit.drop', outcome: 'failed' });
    waiting.push({ ...lost, times: dropped });
    dropped = 0;
  }

  async function finish(): Promise<void> {
    const events = written + waiting.length;
    if (isWriting) await new Promise<void>((resolve) => callers.push({ events, resolve }));
  }

  return {
    finish,
    add(record) {
      if (!repeats.count(record)) enqueue(record);
    },
    async close() {
      repeats.close();
      await finish();
      retryNow();
      await finish();
      clearTimeout(retry);
      if (waiting.length > 0 || dropped > 0)
        log.warn({ dropped: dropped + waiting.length }, 'audit events were lost at the end of the process');
    },
  };
}
