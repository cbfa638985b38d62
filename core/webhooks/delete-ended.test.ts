import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { announce, createWebhookDeliveries } from './announce.ts';
import { deleteEndedWebhooks } from './delete-ended.ts';
import { claimDelivery, recordAttempt } from './deliveries.ts';
import { recordWebhookOutcome } from './pause.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

/** Makes a webhook of a space of its own, with pending deliveries. */
async function createWebhook(deliveries: number) {
  const id = randomUUID();
  const [space] = await test.db.query<{ spaceId: number }>(
    `WITH space AS (INSERT INTO spaces (name) VALUES ($1::uuid::text) RETURNING id)
     INSERT INTO webhooks (id, space_id, url, secret, events)
     SELECT $1, id, 'https://example.org/', 'sealed', '{*}' FROM space RETURNING space_id AS "spaceId"`,
    [id],
  );
  await test.db.query(
    `INSERT INTO deliveries (id, webhook_id, type, payload, requeue_at)
     SELECT gen_random_uuid(), $1, 'version.published', '{}', now() FROM generate_series(1, $2::int)`,
    [id, deliveries],
  );
  return { id, spaceId: space?.spaceId ?? 0 };
}
const end = (id: string) => test.db.query('UPDATE webhooks SET space_id = NULL WHERE id = $1', [id]);
const deliveriesOf = async (id: string) =>
  (await test.db.query<{ id: string }>('SELECT id FROM deliveries WHERE webhook_id = $1', [id])).map(
    (row) => row.id,
  );
const exists = async (id: string) =>
  (await test.db.query('SELECT FROM webhooks WHERE id = $1', [id])).length > 0;
const call = { type: 'version.published', payload: '{}' };
const attempt = { startedAt: new Date(), durationMs: 1, result: { ok: false, error: 'refused' } } as const;

it('deletes ended webhooks with more deliveries than a batch has, and no others', async () => {
  const [ended, ofSpace, kept] = [await createWebhook(2_100), await createWebhook(2), await createWebhook(2)];
  await end(ended.id);
  // A deletion that stops after its first batch, as when the process ends.
  const stop = new AbortController();
  const query: typeof test.db.query = async (sql, params) => {
    const rows = await test.db.query<never>(sql, params);
    if (sql.includes('DELETE')) stop.abort();
    return rows;
  };
  expect(await deleteEndedWebhooks({ ...test.db, query }, stop.signal)).toBe(0);
  expect(await deliveriesOf(ended.id)).toHaveLength(1_100);
  await test.db.query('DELETE FROM spaces WHERE id = $1', [ofSpace.spaceId]);
  const counts = await Promise.all([deleteEndedWebhooks(test.db), deleteEndedWebhooks(test.db)]);
  expect((counts[0] ?? 0) + (counts[1] ?? 0) + (await deleteEndedWebhooks(test.db))).toBe(2);
  for (const { id } of [ended, ofSpace]) {
    expect(await exists(id)).toBe(false);
    expect(await deliveriesOf(id)).toEqual([]);
  }
  expect(await deliveriesOf(kept.id)).toHaveLength(2);
});

it('an ended webhook is not called, told or paused any more', async () => {
  const { id, spaceId } = await createWebhook(1);
  const [delivery = ''] = await deliveriesOf(id);
  expect(await claimDelivery(test.db, delivery)).toBeDefined();
  await end(id);
  expect(await claimDelivery(test.db, delivery)).toBeUndefined();
  const told = await test.db.transaction(async (tx) => [
    ...(await announce(tx, spaceId, { type: 'version.published', data: { chart: 'web' } })),
    ...(await createWebhookDeliveries(tx, [{ ...call, webhookIds: [id] }])),
  ]);
  expect(told).toEqual([]);
  // The result of a call that was under way.
  const longAgo = { ...attempt, startedAt: new Date(0) };
  const policy = { pauseAfterDays: 3, guarded: true };
  const record = () =>
    recordAttempt(test.db, delivery, longAgo, { last: false, nextInMs: 1 }, (tx) =>
      recordWebhookOutcome(tx, id, longAgo, policy),
    );
  expect(await record()).toBe('pending');
  expect(await test.db.query('SELECT FROM webhooks WHERE id = $1 AND failures > 0', [id])).toEqual([]);
  await deleteEndedWebhooks(test.db);
  expect(await record()).toBeUndefined();
});

it('nobody who tells a webhook waits for its deletion, at any step of it', async () => {
  const { id, spaceId } = await createWebhook(0);
  const tell = () =>
    test.db.transaction(async (tx) => {
      await tx.query("SET LOCAL lock_timeout = '1ms'");
      return announce(tx, spaceId, { type: 'version.published', data: { chart: 'web' } });
    });
  await test.db.transaction(async (tx) => {
    await tx.query('UPDATE webhooks SET space_id = NULL WHERE id = $1', [id]);
    expect(await tell()).toHaveLength(1);
  });
  await test.db.query('UPDATE webhooks SET space_id = $2 WHERE id = $1', [id, spaceId]);
  await test.db.transaction(async (tx) => {
    await tx.query('SELECT FROM webhooks WHERE id = $1 FOR UPDATE', [id]);
    expect(await tell()).toEqual([]);
  });
});

it('the deletion waits for nobody who has a delivery or tells the webhook, and leaves them to the next', async () => {
  const { id } = await createWebhook(2);
  const [held = ''] = await deliveriesOf(id);
  await test.db.transaction(async (tx) => {
    await tx.query('SELECT FROM deliveries WHERE id = $1 FOR UPDATE', [held]);
    await end(id);
    expect(await deleteEndedWebhooks(test.db)).toBe(0);
    expect(await deliveriesOf(id)).toEqual([held]);
    // As a worker does that records an attempt: its delivery first, and the webhook then.
    await tx.query('UPDATE webhooks SET failures = failures + 1 WHERE id = $1', [id]);
    await tx.query('DELETE FROM deliveries WHERE id = $1', [held]);
    expect(await deleteEndedWebhooks(test.db)).toBe(0);
  });
  expect(await deleteEndedWebhooks(test.db)).toBe(1);
  expect(await exists(id)).toBe(false);
});
