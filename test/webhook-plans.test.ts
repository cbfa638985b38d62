import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemActor } from '../core/access/actor.ts';
import { openKeyRing } from '../core/access/keys.ts';
import { createSealer } from '../core/access/sealer.ts';
import { claimDueDeliveries } from '../core/webhooks/requeue.ts';
import { listWebhookDeliveries, readWebhookDelivery } from '../core/webhooks/space/webhook-deliveries.ts';
import { usePlanDatabase } from './support/plan-database.ts';
import { findMostRows } from './support/query-plans.ts';

/** Pending deliveries of a webhook whose calls fail. */
const backlog = 50_000;
const [failing, healthy] = [randomUUID(), randomUUID()];
const sealer = createSealer(
  await openKeyRing(async () => [{ id: 'key', secret: randomBytes(32), opensOnly: false }]),
);

describe('deliveries, where a webhook that fails has 50,000 pending ones', () => {
  const { database, db, unrun, explain } = usePlanDatabase(async () => {
    await database.query(
      `WITH space AS (INSERT INTO spaces (name) VALUES ('lib') RETURNING id)
       INSERT INTO webhooks (id, space_id, url, secret, events, failing_since, failures)
       SELECT w.id, space.id, 'https://example.org/', 'sealed', '{*}', w.failing_since, 0
         FROM space, (VALUES ($1::uuid, now()), ($2::uuid, NULL)) w (id, failing_since)`,
      [failing, healthy],
    );
    await add(failing, backlog, 'pending', 3_600);
    // As many, so that PostgreSQL has no reason to read all of them for the first 10,000.
    await add(failing, backlog, 'failed', 7_200);
    await add(healthy, 200, 'pending', 60);
    await add(healthy, 20_000, 'succeeded', 7_200);
    await database.query(
      `INSERT INTO jobs (id, state, space, chart, version, recipe, plan, finished_at)
       VALUES ($1, 'succeeded', 'lib', 'shop', '1.0.0', '{}', '{}', now())`,
      [healthy],
    );
    await database.query(
      `INSERT INTO deliveries (id, job_id, url, payload, requeue_at)
       SELECT gen_random_uuid(), $1, 'https://example.org/', '{}', now() - interval '1 second' FROM generate_series(1, 100)`,
      [healthy],
    );
    await database.query('VACUUM ANALYZE');
  });

  /** Adds deliveries of a webhook, overdue for some seconds if they are pending. */
  const add = (webhook: string, count: number, state: string, seconds: number) =>
    database.query(
      `INSERT INTO deliveries (id, webhook_id, type, payload, state, requeue_at, finished_at)
       SELECT gen_random_uuid(), $1, 'version.published', '{}', $3::delivery_state,
              CASE WHEN $3 = 'pending' THEN now() - make_interval(secs => $4) END,
              CASE WHEN $3 <> 'pending' THEN now() END
         FROM generate_series(1, $2::int)`,
      [webhook, count, state, seconds],
    );

  /** Runs queries, and finds the most rows that a step of each of them examined. Their changes are undone. */
  async function mostRows(run: () => Promise<unknown>): Promise<number[]> {
    return (await explain(run)).map((plan) => findMostRows([plan]));
  }

  it('a page of the list is read without the deliveries behind it', async () => {
    const deps = { db, actor: systemActor, sealer };
    for (const state of [undefined, 'pending', 'failed'] as const) {
      const list = () => listWebhookDeliveries(deps, 'lib', failing, { start: 20, limit: 10, state });
      const { items, total } = await list();
      expect([items.length, total]).toEqual([10, 10_000]);
      const most = (await mostRows(list)).sort((a, b) => b - a);
      // The total is counted that far, and no other query examines more than its page.
      expect(most[0]).toBeLessThanOrEqual(10_000);
      expect(most[1]).toBeLessThanOrEqual(30);
    }
    const [first] = (await listWebhookDeliveries(deps, 'lib', failing, { start: 0, limit: 1 })).items;
    const read = () => readWebhookDelivery(deps, 'lib', failing, first?.id ?? '');
    expect(Math.max(...(await mostRows(read)))).toBeLessThanOrEqual(2);
  });

  it('a sweep takes few of them, and all that others have, without looking at the rest', async () => {
    // Runs the statement for its plan alone.
    expect(Math.max(...(await mostRows(() => claimDueDeliveries(unrun, 500))))).toBeLessThan(1_000);

    const claimed = (await claimDueDeliveries(db, 500)).map(({ id }) => id);
    const rows = await database.query<{ webhook: string | null; n: number }>(
      `SELECT webhook_id AS webhook, count(*) AS n FROM deliveries WHERE id = ANY($1::uuid[]) GROUP BY 1`,
      [claimed],
    );
    const counts = new Map(rows.map(({ webhook, n }) => [webhook, n]));
    expect(counts.get(healthy)).toBe(200);
    expect(counts.get(null)).toBe(100);
    expect(counts.get(failing)).toBeGreaterThan(0);
    expect(counts.get(failing)).toBeLessThan(10);
    // Once it is received again, its deliveries are taken like those of others.
    await database.query('UPDATE webhooks SET failing_since = NULL');
    expect(await claimDueDeliveries(db, 500)).toHaveLength(500);
  });
});
