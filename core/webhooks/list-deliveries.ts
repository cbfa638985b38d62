import type { Queryable } from '../db/port.ts';
import type { DeliveryState } from './deliveries.ts';

/** Delivery in the form of the API; times are ISO 8601. */
export interface ListedDelivery {
  id: string;
  /** URL with the values of its query masked; see {@link maskUrl}. */
  url: string;
  state: DeliveryState;
  createdAt: string;
  /** Null while the delivery is pending. */
  finishedAt: string | null;
  /** Attempts in order of time. */
  attempts: ListedAttempt[];
}

/** Attempt in the form of the API. */
export interface ListedAttempt {
  /** Number of the attempt; 1 for the first. */
  number: number;
  startedAt: string;
  durationMs: number;
  status?: number;
  error?: string;
}

interface DeliveryRow {
  id: string;
  url: string;
  state: DeliveryState;
  created_at: Date;
  finished_at: Date | null;
}

interface AttemptRow {
  delivery_id: string;
  number: number;
  started_at: Date;
  duration: number;
  status: number | null;
  error: string | null;
}

/**
 * Lists a job's deliveries with all attempts, oldest first; never the secret or the body.
 * @param start a negative one returns an empty page, like one past the end
 */
export async function listDeliveries(
  db: Queryable,
  jobId: string,
  start: number,
  limit: number,
): Promise<{ total: number; items: ListedDelivery[] }> {
  const [counted] = await db.query<{ total: number }>(
    'SELECT count(*) AS total FROM deliveries WHERE job_id = $1',
    [jobId],
  );
  const total = counted?.total ?? 0;
  if (start < 0 || start >= total) return { total, items: [] };
  const deliveries = await db.query<DeliveryRow>(
    `SELECT id, url, state, created_at, finished_at FROM deliveries
     WHERE job_id = $1 ORDER BY number OFFSET $2 LIMIT $3`,
    [jobId, start, limit],
  );
  const attempts = await db.query<AttemptRow>(
    `SELECT delivery_id, number, started_at, duration, status, error FROM delivery_attempts
     WHERE delivery_id = ANY($1) ORDER BY delivery_id, number`,
    [deliveries.map(({ id }) => id)],
  );
  const items = deliveries.map((delivery) => {
    const ofDelivery = attempts.filter((attempt) => attempt.delivery_id === delivery.id);
    return toListed(delivery, ofDelivery);
  });
  return { total, items };
}

/**
 * Masks a callback's URL: values and nameless parts of its query, which are often tokens. Origin, path and
 * names stay, so that callbacks stay distinguishable.
 */
export function maskUrl(text: string): string {
  const { origin, pathname, search } = new URL(text);
  if (search === '') return origin + pathname;
  return `${origin}${pathname}?${search.slice(1).split('&').map(maskPart).join('&')}`;
}

function maskPart(part: string): string {
  const name = part.slice(0, part.indexOf('=') + 1);
  return part === name ? part : `${name}***`;
}

function toListed(row: DeliveryRow, attempts: AttemptRow[]): ListedDelivery {
  return {
    id: row.id,
    url: maskUrl(row.url),
    state: row.state,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    attempts: attempts.map(toListedAttempt),
  };
}

function toListedAttempt(row: AttemptRow): ListedAttempt {
  return {
    number: row.number,
    startedAt: row.started_at.toISOString(),
    durationMs: row.duration,
    ...(row.status === null ? {} : { status: row.status }),
    ...(row.error === null ? {} : { error: row.error }),
  };
}
