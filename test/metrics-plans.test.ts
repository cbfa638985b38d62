import { describe, expect, it } from 'vitest';
import { createMetrics } from '../core/metrics/metrics.ts';
import { addRegistryMetrics } from '../core/metrics/read-registry.ts';
import { usePlanDatabase } from './support/plan-database.ts';
import { findMostRows } from './support/query-plans.ts';

/** Jobs and deliveries that are over. */
const over = 100_000;
const [queued, running, pending] = [300, 20, 200];

describe(`metrics beside ${over} jobs and deliveries that are over`, () => {
  const { db, explain } = usePlanDatabase(async (database) => {
    const addJobs = (count: number, state: string) =>
      database.query(
        `INSERT INTO jobs (id, state, space, chart, version, recipe, plan, requeue_at, finished_at, created_at, started_at)
         SELECT gen_random_uuid(), $2::text::job_state, 'lib', $2::text || n, '1.0.0', '{}', '{}',
                CASE WHEN $2::text IN ('queued', 'running') THEN now() END, CASE WHEN $2::text = 'succeeded' THEN now() END,
                now() - n * interval '1 second', now() - n * interval '1 second'
           FROM generate_series($1::int, 1, -1) n`,
        [count, state],
      );
    await addJobs(over, 'succeeded');
    await addJobs(queued, 'queued');
    await addJobs(running, 'running');
    const addDeliveries = (count: number, state: string) =>
      database.query(
        `INSERT INTO deliveries (id, job_id, url, payload, state, requeue_at, finished_at)
         SELECT gen_random_uuid(), (SELECT id FROM jobs LIMIT 1), 'https://example.org/', '{}', $2::text::delivery_state,
                CASE WHEN $2::text = 'pending' THEN now() END, CASE WHEN $2::text <> 'pending' THEN now() END
           FROM generate_series(1, $1::int)`,
        [count, state],
      );
    await addDeliveries(over, 'succeeded');
    await addDeliveries(pending, 'pending');
    await database.query('VACUUM ANALYZE');
  });

  it('metrics of the registry read what is unfinished, and nothing of what is over', async () => {
    const metrics = createMetrics();
    const checkParts = async () => ({ parts: {}, degradations: [] });
    addRegistryMetrics(metrics, { db, checkParts, spaces: true, followJobs: 20 });
    const values = async (name: string) =>
      (await metrics.read()).find((metric) => metric.name === `helm_registry_${name}`)?.values;
    expect(await values('jobs')).toEqual([
      { labels: { state: 'queued' }, value: queued },
      { labels: { state: 'running' }, value: running },
    ]);
    const [oldestQueued, oldestRunning] = (await values('jobs_oldest_age_seconds')) ?? [];
    expect(oldestQueued?.value).toBeGreaterThanOrEqual(queued);
    expect(oldestRunning?.value).toBeGreaterThanOrEqual(running);
    expect(oldestRunning?.value).toBeLessThan(queued);
    expect(await values('webhook_deliveries_pending')).toContainEqual({
      labels: { receiver: 'callback' },
      value: pending,
    });
    const plans = await explain(() => metrics.read());
    expect(findMostRows(plans)).toBeLessThanOrEqual(queued + running);
  });
});
