import pg from 'pg';
import type { Check, PendingDelivery } from './check.ts';

/** Queries the database directly, with a new connection each time, because the server may have been away. */
async function select<T extends object>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Counts unfinished jobs and deliveries. */
export async function countUnfinished(url: string): Promise<{ jobs: number; deliveries: number }> {
  const [row] = await select<{ jobs: number; deliveries: number }>(
    url,
    `SELECT (SELECT count(*)::int FROM jobs WHERE state IN ('queued', 'running')) AS jobs,
            (SELECT count(*)::int FROM deliveries WHERE state = 'pending') AS deliveries`,
  );
  return row ?? { jobs: 0, deliveries: 0 };
}

/** Reads all deliveries. */
export function selectDeliveries(url: string): Promise<PendingDelivery[]> {
  return select(url, 'SELECT id, job_id AS job, state FROM deliveries');
}

/** Checks that no lock is left, and that counters equal their rows. */
export async function checkDatabase(url: string): Promise<Check[]> {
  const locks = await select<{ resource: string; holder: string }>(url, 'SELECT resource, holder FROM locks');
  const counters = await select<{ name: string; counted: number; rows: number }>(
    url,
    `SELECT s.name || ': charts' AS name, s.chart_count::int AS counted,
            (SELECT count(*)::int FROM charts c WHERE c.space_id = s.id) AS rows FROM spaces s
     UNION ALL
     SELECT s.name || ': versions', s.version_count::int,
            (SELECT count(*)::int FROM versions v JOIN charts c ON c.id = v.chart_id WHERE c.space_id = s.id)
       FROM spaces s
     UNION ALL
     SELECT s.name || '/' || c.name || ': versions', c.version_count::int,
            (SELECT count(*)::int FROM versions v WHERE v.chart_id = c.id)
       FROM charts c JOIN spaces s ON s.id = c.space_id`,
  );
  return [
    {
      rule: 'no lock is left',
      looked: 'the table locks',
      faults: locks.map(({ resource, holder }) => `${resource}, of ${holder}`),
    },
    {
      rule: 'the counters of spaces and charts equal their rows',
      looked: `${counters.length} counters`,
      faults: counters
        .filter(({ counted, rows }) => counted !== rows)
        .map(({ name, counted, rows }) => `${name}: counted ${counted}, there are ${rows}`),
    },
  ];
}
