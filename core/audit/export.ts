import { Readable } from 'node:stream';
import type { Queryable } from '../db/port.ts';
import type { AuditFilter } from './conditions.ts';
import type { AuditCursor } from './cursor.ts';
import { listAudit } from './read.ts';

/** Events that an export holds at a time: at most, each has some kilobytes. */
export const exportBatchSize = 500;

/**
 * Exports events as lines of JSON, the newest first.
 * The next events are read when the client has taken those before, so a slow client costs no memory.
 * @param filterNow returns the filter; asked again before each batch, so that a right that is taken away ends the export
 * @returns a stream of texts that fails with the errors of `filterNow` and of the database
 */
export function exportAudit(db: Queryable, filterNow: () => Promise<AuditFilter>): Readable {
  // A high-water mark of one batch: the stream reads no further than the batch that is being sent.
  return Readable.from(exportLines(db, filterNow), { highWaterMark: 1 });
}

async function* exportLines(db: Queryable, filterNow: () => Promise<AuditFilter>): AsyncGenerator<string> {
  let after: AuditCursor | undefined;
  do {
    const { items, next } = await listAudit(db, await filterNow(), { limit: exportBatchSize, after });
    if (items.length > 0) yield items.map((event) => `${JSON.stringify(event)}\n`).join('');
    after = next;
  } while (after);
}
