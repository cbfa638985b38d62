import type { Queryable } from '../db/port.ts';

/** Failures in a bucket after which a delay begins. */
const maxFailuresBeforeDelay = 10;

/** Doublings of the first delay of one second; the longest is 15 minutes. */
const maxDelayDoublings = 10;
const maxDelaySeconds = 15 * 60;

/** Seconds without a failure after which those before are forgotten; longer than every delay. */
const forgetFailuresSeconds = 60 * 60;

/** Failures to add to a bucket. */
export interface FailureCount {
  bucket: number;
  failures: number;
}

interface DelayRow {
  bucket: number;
  seconds: number;
}

/** SQL of the seconds, at least 1, to the end of a delay. */
const remainingDelaySecondsSql = 'ceil(extract(epoch FROM delayed_until - now()))::float8';

/** Reads the delays of buckets. @returns seconds to the end by bucket, without buckets that have no delay */
export async function readDelays(db: Queryable, buckets: readonly number[]): Promise<Map<number, number>> {
  const rows = await db.query<DelayRow>(
    `SELECT bucket, ${remainingDelaySecondsSql} AS seconds FROM login_failures
      WHERE bucket = ANY($1::int[]) AND delayed_until > now()`,
    [buckets],
  );
  return new Map(rows.map(({ bucket, seconds }) => [bucket, seconds]));
}

/**
 * Adds failures to buckets, by the clock of the database. Up to the limit each counts; beyond it the failures that come
 * together after a delay begin the next one, twice as long. During a delay none counts, so a client that repeats its
 * request does not prolong it.
 * @returns seconds to the end by bucket, for delays that had begun before
 */
export async function addFailures(
  db: Queryable,
  counts: readonly FailureCount[],
): Promise<Map<number, number>> {
  // Rows are locked in the order of their buckets, so that two processes never wait for each other.
  const sorted = counts.toSorted((one, other) => one.bucket - other.bucket);
  const rows = await db.query<DelayRow & { isOlder: boolean }>(
    `INSERT INTO login_failures AS f (bucket, failures, failed_at, delayed_until)
     SELECT bucket, least(added, $3), now(), CASE WHEN added >= $3 THEN now() + interval '1 second' END
       FROM unnest($1::int[], $2::int[]) AS t (bucket, added)
     ON CONFLICT (bucket) DO UPDATE SET (failures, failed_at, delayed_until) = (
       SELECT CASE WHEN isDelayed THEN f.failures ELSE next END,
              CASE WHEN isDelayed THEN f.failed_at ELSE now() END,
              CASE WHEN isDelayed THEN f.delayed_until
                   WHEN next >= $3 THEN now() + least(2 ^ (next - $3), $5) * interval '1 second' END
         FROM (SELECT CASE WHEN f.failed_at < now() - $6 * interval '1 second' THEN excluded.failures
                           WHEN f.failures < $3 THEN least(f.failures + excluded.failures, $3)
                           ELSE least(f.failures + 1, $3 + $4) END AS next,
                      f.delayed_until IS NOT NULL AND f.delayed_until > now() AS isDelayed) AS state)
     RETURNING bucket, ${remainingDelaySecondsSql} AS seconds, delayed_until > now() AND failed_at < now() AS "isOlder"`,
    [
      sorted.map(({ bucket }) => bucket),
      sorted.map(({ failures }) => failures),
      maxFailuresBeforeDelay,
      maxDelayDoublings,
      maxDelaySeconds,
      forgetFailuresSeconds,
    ],
  );
  return new Map(rows.filter(({ isOlder }) => isOlder).map(({ bucket, seconds }) => [bucket, seconds]));
}
