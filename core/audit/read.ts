import type { Queryable } from '../db/port.ts';
import { type AuditFilter, toConditions } from './conditions.ts';
import type { AuditCursor } from './cursor.ts';
import { type AuditRow, type AuditView, auditColumns, viewEvent } from './view.ts';

/** Page of events, the newest first. */
export interface AuditPage {
  items: AuditView[];
  /** Cursor of the next page; undefined after the last. A page may be short, or empty, and have a next. */
  next: AuditCursor | undefined;
}

/** Events that one page examines, at most: a filter that finds few among very many takes several pages. */
const maxExaminedEvents = 10_000;

/**
 * Reads a page of events, the newest first.
 * Pages that follow each other have every event that was committed before the first of them exactly once, also while
 * events are added.
 * @param options.after cursor at which the previous page ended
 */
export async function listAudit(
  db: Queryable,
  filter: AuditFilter,
  { limit, after }: { limit: number; after?: AuditCursor | undefined },
): Promise<AuditPage> {
  const { leading, rest } = toConditions(filter, after);
  const examined = `SELECT * FROM audit_events WHERE ${leading.sql} ORDER BY at DESC, number DESC LIMIT ${maxExaminedEvents}`;
  const params = [...leading.params, ...rest.params, limit];
  const rows = await db.query<AuditRow>(
    `SELECT ${auditColumns} FROM (${examined}) e WHERE ${rest.sql} ORDER BY at DESC, number DESC LIMIT $${params.length}`,
    params,
  );
  const items = rows.map(viewEvent);
  const last = rows.at(-1);
  if (last && rows.length === limit) return { items, next: last };
  // The page ends where the examined events do; there may be more behind them.
  const [end] = await db.query<AuditCursor>(
    `SELECT ${auditColumns} FROM (${examined}) e ORDER BY at DESC, number DESC OFFSET ${maxExaminedEvents - 1} LIMIT 1`,
    leading.params,
  );
  return { items, next: end };
}
