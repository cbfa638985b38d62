import type { Sealer } from '../access/sealer.ts';
import type { Queryable } from '../db/port.ts';
import type { Paging } from '../registry/registry.ts';
import { callbackAddressContext, maskStoredAddress } from './addresses.ts';
import type { DeliveryState } from './deliveries.ts';
import { maskUrl } from './mask-url.ts';

/** Delivery in the form of the API; times are ISO 8601. */
export interface ListedDelivery {
  id: string;
  /** URL, masked by {@link maskUrl}, or by {@link maskUrlPath} for those who may not manage it. */
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

/** Row of a delivery, with the columns that `toListedDelivery` reads. */
export interface DeliveryRow {
  id: string;
  /** Address as the row has it; `maskStoredAddress` makes what is shown. */
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
 * Lists a job's deliveries with their attempts, oldest first; never the secret or the body.
 * @param start a negative one returns an empty page, like one past the end
 * @param mask makes the URL that is shown; {@link maskUrlPath} for readers who may not manage the callback
 */
export async function listDeliveries(
  { db, sealer }: { db: Queryable; sealer: Sealer },
  jobId: string,
  { start, limit }: Paging,
  mask = maskUrl,
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
  const attempts = await readAttempts(
    db,
    deliveries.map(({ id }) => id),
  );
  const context = callbackAddressContext(jobId);
  const items = deliveries.map(async (delivery) => {
    const url = await maskStoredAddress(sealer, delivery.url, context, mask);
    return toListedDelivery({ ...delivery, url }, attempts.get(delivery.id));
  });
  return { total, items: await Promise.all(items) };
}

/** Largest number of attempts of a delivery in an answer, the last ones: replays may make many. */
const maxListedAttempts = 50;

/** Reads the attempts of deliveries, in order, by their ids. */
export async function readAttempts(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ListedAttempt[]>> {
  const rows = await db.query<AttemptRow>(
    `SELECT a.* FROM unnest($1::uuid[]) AS d (id) CROSS JOIN LATERAL (
       SELECT delivery_id, number, started_at, duration, status, error FROM delivery_attempts
        WHERE delivery_id = d.id ORDER BY number DESC LIMIT ${maxListedAttempts}
     ) a ORDER BY a.number`,
    [ids],
  );
  const attempts = new Map<string, ListedAttempt[]>();
  for (const row of rows) {
    const known = attempts.get(row.delivery_id) ?? [];
    attempts.set(row.delivery_id, known);
    known.push(toListedAttempt(row));
  }
  return attempts;
}

/** Makes a delivery of its row, in the form of the API. @param row with the address that is shown */
export function toListedDelivery(row: DeliveryRow, attempts: ListedAttempt[] = []): ListedDelivery {
  return {
    id: row.id,
    url: row.url,
    state: row.state,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    attempts,
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
