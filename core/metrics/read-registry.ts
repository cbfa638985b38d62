import type { Database } from '../db/port.ts';
import { isRunningSql } from '../follow/view-follow.ts';
import { countLiveWorkers } from '../jobs/live-workers.ts';
import { notHeldSql, readHold } from '../maintenance/hold.ts';
import type { FoundParts } from '../runtime/readiness.ts';
import { withTimeout } from '../runtime/timeout.ts';
import type { Metrics, ReadValues } from './metrics.ts';

/** Largest number of rows that are counted. */
const maxCountedRows = 10_000;
/** Largest number of spaces that have values of their own. */
const maxSpaces = 1_000;
/** Milliseconds after which a reading is given up: Prometheus waits for ten seconds by default. */
const timeoutMs = 3_000;

/** Parts that metrics of the whole registry are read from. */
export interface RegistryMetricsDeps {
  db: Database;
  checkParts(): Promise<FoundParts>;
  /** Whether spaces have values of their own, by name. */
  spaces: boolean;
  /** Maximum of unfinished jobs by following. */
  followJobs: number;
}

/**
 * Adds the metrics of the whole registry, which every process reads alike. The metrics come from PostgreSQL and the
 * parts.
 */
export function addRegistryMetrics(
  metrics: Metrics,
  { db, checkParts, spaces, followJobs }: RegistryMetricsDeps,
): void {
  for (const read of [
    createJobValuesReader,
    createWorkerValuesReader,
    createHoldReader,
    createDeliveryValuesReader,
    createFollowValuesReader(followJobs),
    ...(spaces
      ? [
          createSpaceValuesReader,
          createQuotaValuesReader,
          createMirrorValuesReader,
          createRetentionValuesReader,
        ]
      : []),
  ])
    metrics.addReader((set) => withTimeout(read(db)(set), timeoutMs, undefined));
  metrics.addReader(async (set) => {
    const { parts } = await checkParts();
    for (const [part, state] of Object.entries(parts)) set('part_up', { part }, state === 'up' ? 1 : 0);
  });
}

type CreateValuesReader = (db: Database) => (...args: Parameters<ReadValues>) => Promise<void>;

const createJobValuesReader: CreateValuesReader = (db) => async (set) => {
  for (const [state, since] of [
    ['queued', 'created_at'],
    ['running', 'started_at'],
  ] as const) {
    const [row] = await db.query<{ count: number; ageSeconds: number | null }>(
      `SELECT (SELECT count(*) FROM (SELECT FROM jobs WHERE state = '${state}' LIMIT ${maxCountedRows}) counted) AS count,
              (SELECT extract(epoch FROM now() - ${since})::float8 FROM jobs WHERE state = '${state}'
                ORDER BY (-number) DESC LIMIT 1) AS "ageSeconds"`,
    );
    set('jobs', { state }, row?.count ?? 0);
    set('jobs_oldest_age_seconds', { state }, Math.max(0, row?.ageSeconds ?? 0));
  }
};

const createWorkerValuesReader: CreateValuesReader = (db) => async (set) =>
  set('workers', {}, await countLiveWorkers(db));

const createHoldReader: CreateValuesReader = (db) => async (set) =>
  set('held', {}, (await readHold(db)) ? 1 : 0);

const createDeliveryValuesReader: CreateValuesReader = (db) => async (set) => {
  for (const [receiver, condition] of [
    ['callback', 'webhook_id IS NULL'],
    ['webhook', 'webhook_id IS NOT NULL'],
  ] as const) {
    const [row] = await db.query<{ count: number }>(
      `SELECT count(*) AS count
         FROM (SELECT FROM deliveries WHERE state = 'pending' AND ${condition} LIMIT ${maxCountedRows}) counted`,
    );
    set('webhook_deliveries_pending', { receiver }, row?.count ?? 0);
  }
};

/**
 * Reads the follows that are due, and since when a worker should have opened a run for the longest overdue. That counts
 * from its time of the next check: a follow that waits for charts below it is checked later. None is overdue while its
 * chart is being composed, while the maximum of jobs is reached, or in a held registry.
 */
const createFollowValuesReader =
  (followJobs: number): CreateValuesReader =>
  (db) =>
  async (set) => {
    const [row] = await db.query<{ count: number; overdueSeconds: number | null }>(
      `SELECT (SELECT count(*) FROM (SELECT FROM follows WHERE look_at IS NOT NULL LIMIT ${maxCountedRows}) due) AS count,
              CASE WHEN ${notHeldSql} AND $1 > (SELECT count(*) FROM follow_runs WHERE state = 'running') THEN
                (SELECT extract(epoch FROM now() - f.look_at)::float8 FROM follows f
                  WHERE f.look_at <= now() AND NOT ${isRunningSql} ORDER BY f.look_at LIMIT 1)
              END AS "overdueSeconds"`,
      [followJobs],
    );
    set('follows_due', {}, row?.count ?? 0);
    set('follows_overdue_seconds', {}, Math.max(0, row?.overdueSeconds ?? 0));
  };

const createSpaceValuesReader: CreateValuesReader = (db) => async (set) => {
  const rows = await db.query<{ name: string; bytes: number; versions: number }>(
    `SELECT name, bytes, version_count AS versions FROM spaces ORDER BY name LIMIT ${maxSpaces}`,
  );
  for (const { name, bytes, versions } of rows) {
    set('space_bytes', { space: name }, bytes);
    set('space_versions', { space: name }, versions);
  }
};

const createQuotaValuesReader: CreateValuesReader = (db) => async (set) => {
  const rows = await db.query<{ name: string; quota: number; used: number }>(
    `SELECT name, quota, (SELECT coalesce(sum(u.bytes), 0)::bigint FROM space_usage u WHERE u.space_id = s.id) AS used
       FROM (SELECT id, name, quota_of(quota_bytes, 'bytes') AS quota FROM spaces
              WHERE quota_of(quota_bytes, 'bytes') > 0 ORDER BY name LIMIT ${maxSpaces}) s`,
  );
  for (const { name, quota, used } of rows) {
    set('space_quota_bytes', { space: name }, quota);
    set('space_quota_used_bytes', { space: name }, used);
  }
};

const createMirrorValuesReader: CreateValuesReader = (db) => async (set) => {
  const rows = await db.query<{ name: string; at: number }>(
    `SELECT s.name, extract(epoch FROM coalesce(m.succeeded_at, m.created_at))::float8 AS at
       FROM mirrors m JOIN spaces s ON s.id = m.space_id WHERE m.every <= 1440 ORDER BY s.name LIMIT ${maxSpaces}`,
  );
  for (const { name, at } of rows) set('mirror_last_success_timestamp_seconds', { space: name }, at);
};

const createRetentionValuesReader: CreateValuesReader = (db) => async (set) => {
  const rows = await db.query<{ name: string; at: number }>(
    `SELECT s.name, extract(epoch FROM coalesce(
              (SELECT r.finished_at FROM retention_runs r WHERE r.space_id = t.space_id AND r.state = 'succeeded'
                ORDER BY r.number DESC LIMIT 1), t.changed_at))::float8 AS at
       FROM retention t JOIN spaces s ON s.id = t.space_id WHERE t.next_run_at IS NOT NULL ORDER BY s.name LIMIT ${maxSpaces}`,
  );
  for (const { name, at } of rows) set('retention_last_success_timestamp_seconds', { space: name }, at);
};
