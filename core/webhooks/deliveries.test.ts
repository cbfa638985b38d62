import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { openKeyRing } from '../access/keys.ts';
import { createSealer } from '../access/sealer.ts';
import type { Database } from '../db/port.ts';
import {
  type Attempt,
  claimDelivery,
  createCallbackDelivery,
  recordAttempt,
  releaseDelivery,
} from './deliveries.ts';
import { listDeliveries } from './list-deliveries.ts';
import { maskUrl, maskUrlPath } from './mask-url.ts';
import { claimDueDeliveries } from './requeue.ts';
import type { SendResult } from './send.ts';

let test: TestDatabase;
let db: Database;
let jobId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  db = test.db;
});
afterAll(() => test.drop());

beforeEach(async () => {
  await db.query('DELETE FROM jobs');
  jobId = randomUUID();
  await db.query(
    `INSERT INTO jobs (id, state, space, chart, version, recipe, plan, finished_at)
     VALUES ($1, 'succeeded', 'lib', 'shop', '1.0.0', '{}', '{}', now())`,
    [jobId],
  );
});

const sealer = createSealer(
  await openKeyRing(async () => [{ id: 'key', secret: randomBytes(32), opensOnly: false }]),
);
const url = 'https://example.com/hook?token=hunter2';
const createDue = (sealedSecret?: string) =>
  db.transaction((tx) =>
    createCallbackDelivery(tx, { jobId, url, sealedSecret, payload: '{"type":"job.succeeded"}' }),
  );
const attemptOf = (result: SendResult): Attempt => ({ startedAt: new Date(), durationMs: 12.4, result });
const good = attemptOf({ ok: true, status: 204 });
const bad = attemptOf({ ok: false, status: 500, error: 'Answered 500; only 2xx counts as received.' });
const later = { last: false, nextInMs: 3_600_000 };

async function requeueIn(id: string): Promise<number | undefined> {
  const [row] = await db.query<{ ms: number | null }>(
    'SELECT extract(epoch FROM requeue_at - now())::float8 * 1000 AS ms FROM deliveries WHERE id = $1',
    [id],
  );
  return row?.ms ?? undefined;
}

const swept = async (limit: number) => (await claimDueDeliveries(db, limit)).map(({ id }) => id);

async function makeOverdue(): Promise<void> {
  await db.query(`UPDATE deliveries SET requeue_at = now() - interval '1 second' WHERE state = 'pending'`);
}

describe('a delivery', () => {
  it('creates a delivery only when the transaction commits', async () => {
    const broken = db.transaction(async (tx) => {
      await createCallbackDelivery(tx, { jobId, url, sealedSecret: undefined, payload: '{}' });
      throw new Error('the job could not be finished');
    });
    await expect(broken).rejects.toThrow('could not be finished');
    expect((await listDeliveries({ db, sealer }, jobId, { start: 0, limit: 10 })).total).toBe(0);
  });

  it('claims a pending delivery with its exact payload and sealed secret', async () => {
    const sealedSecret = 'sealed.v1.key.AAAA';
    const id = await createDue(sealedSecret);
    const payload = '{"type":"job.succeeded"}';
    expect(await claimDelivery(db, id)).toEqual({
      ...{ id, url, payload, attempts: 0, webhook: undefined, traceparent: null },
      addressSealedFor: { purpose: 'callback address', row: jobId },
      sealedFor: { purpose: 'callback secret', row: jobId },
      sealedSecrets: [sealedSecret],
    });
    await recordAttempt(db, id, good, later);
    expect(await claimDelivery(db, id)).toBeUndefined();
    expect(await claimDelivery(db, randomUUID())).toBeUndefined();
    const unsigned = await createDue();
    expect(await claimDelivery(db, unsigned)).toMatchObject({ id: unsigned, sealedSecrets: [], attempts: 0 });
  });

  it('claims a delivery again when its next attempt is due, and not before', async () => {
    const id = await createDue();
    await recordAttempt(db, id, bad, later);
    expect(await claimDelivery(db, id)).toBeUndefined();
    await db.query('UPDATE deliveries SET due_at = now() WHERE id = $1', [id]);
    expect(await claimDelivery(db, id)).toMatchObject({ id, attempts: 1 });
  });

  it('makes a released delivery due', async () => {
    const id = await createDue();
    await releaseDelivery(db, id);
    expect(await swept(10)).toEqual([id]);
  });

  it('deletes a delivery with its job', async () => {
    const id = await createDue();
    await recordAttempt(db, id, bad, later);
    await db.query('DELETE FROM jobs WHERE id = $1', [jobId]);
    expect(await claimDelivery(db, id)).toBeUndefined();
    expect(await recordAttempt(db, id, good, later)).toBeUndefined();
  });
});

describe('recordAttempt', () => {
  it('keeps a failed delivery pending until the next attempt is due', async () => {
    const id = await createDue();
    expect(await recordAttempt(db, id, bad, later)).toBe('pending');
    const due = await requeueIn(id);
    expect(due).toBeGreaterThan(later.nextInMs - 60_000);
    expect(due).toBeLessThanOrEqual(later.nextInMs);
  });

  it('marks a delivery failed after the last attempt and succeeded after a good one', async () => {
    const lost = await createDue();
    expect(await recordAttempt(db, lost, bad, { last: true, nextInMs: 1 })).toBe('failed');
    const won = await createDue();
    expect(await recordAttempt(db, won, bad, later)).toBe('pending');
    expect(await recordAttempt(db, won, good, { last: true, nextInMs: 1 })).toBe('succeeded');
    expect(await requeueIn(lost)).toBeUndefined();
    expect(await requeueIn(won)).toBeUndefined();
  });

  it('records no attempt of a final delivery', async () => {
    const id = await createDue();
    await recordAttempt(db, id, bad, { last: true, nextInMs: 1 });
    expect(await recordAttempt(db, id, good, later)).toBe('failed');
    const { items } = await listDeliveries({ db, sealer }, jobId, { start: 0, limit: 10 });
    expect(items[0]).toMatchObject({ state: 'failed', attempts: [{ number: 1, status: 500 }] });
  });

  it('records one of many concurrent successes', async () => {
    const id = await createDue();
    const states = await Promise.all(Array.from({ length: 8 }, () => recordAttempt(db, id, good, later)));
    expect(states).toEqual(Array(8).fill('succeeded'));
    const { items } = await listDeliveries({ db, sealer }, jobId, { start: 0, limit: 10 });
    expect(items[0]?.attempts.map(({ number }) => number)).toEqual([1]);
  });

  it('numbers concurrent failed attempts without a gap', async () => {
    const id = await createDue();
    await Promise.all(Array.from({ length: 8 }, () => recordAttempt(db, id, bad, later)));
    const { items } = await listDeliveries({ db, sealer }, jobId, { start: 0, limit: 10 });
    expect(items[0]?.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('claimDueDeliveries', () => {
  it('claims no delivery that may still be on the queue', async () => {
    await createDue();
    await recordAttempt(db, await createDue(), bad, later);
    expect(await swept(10)).toEqual([]);
  });

  it('claims overdue deliveries once, longest overdue first, up to the limit', async () => {
    const ids = [await createDue(), await createDue(), await createDue()];
    for (const [age, id] of ids.entries()) {
      await db.query(`UPDATE deliveries SET requeue_at = now() - $2 * interval '1 hour' WHERE id = $1`, [
        id,
        age + 1,
      ]);
    }
    expect(new Set(await swept(2))).toEqual(new Set([ids[1], ids[2]]));
    expect(await swept(2)).toEqual([ids[0]]);
    expect(await swept(2)).toEqual([]);
    await makeOverdue();
    expect(await swept(10)).toHaveLength(3);
  });

  it('claims each delivery for one sweep, and skips locked ones', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => createDue()));
    await makeOverdue();
    const held = ids[0];
    const found = await db.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM deliveries WHERE id = $1 FOR UPDATE', [held]);
      return (await Promise.all(Array.from({ length: 6 }, () => swept(10)))).flat();
    });
    found.push(...(await swept(100)));
    expect(found.toSorted()).toEqual(ids.toSorted());
    expect(found.at(-1)).toBe(held);
  });

  it('claims no final delivery', async () => {
    await recordAttempt(db, await createDue(), good, later);
    await recordAttempt(db, await createDue(), bad, { last: true, nextInMs: 1 });
    await makeOverdue();
    expect(await swept(10)).toEqual([]);
  });
});

describe('listDeliveries', () => {
  it('lists every attempt without the secret and the values of the query', async () => {
    const id = await createDue('whsec_c2VjcmV0');
    await recordAttempt(db, id, attemptOf({ ok: false, error: 'The connection was refused.' }), later);
    await recordAttempt(db, id, good, later);
    const page = await listDeliveries({ db, sealer }, jobId, { start: 0, limit: 10 });
    const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(page).toEqual({
      total: 1,
      items: [
        {
          id,
          url: 'https://example.com/hook?token=***',
          state: 'succeeded',
          createdAt: iso,
          finishedAt: iso,
          attempts: [
            { number: 1, startedAt: iso, durationMs: 12, error: 'The connection was refused.' },
            { number: 2, startedAt: iso, durationMs: 12, status: 204 },
          ],
        },
      ],
    });
    expect(JSON.stringify(page)).not.toMatch(/whsec_|hunter2/);
  });

  it('pages deliveries in order of creation, with empty pages outside', async () => {
    const ids = [await createDue(), await createDue(), await createDue()];
    const pageOf = async (start: number, limit: number) => {
      const { total, items } = await listDeliveries({ db, sealer }, jobId, { start, limit });
      expect(total).toBe(3);
      return items.map(({ id }) => id);
    };
    expect(await pageOf(0, 2)).toEqual(ids.slice(0, 2));
    expect(await pageOf(2, 2)).toEqual(ids.slice(2));
    expect(await pageOf(3, 2)).toEqual([]);
    expect(await pageOf(-1, 2)).toEqual([]);
    expect(await pageOf(0, 0)).toEqual([]);
  });

  it('lists a pending delivery without an end', async () => {
    await createDue();
    const { items } = await listDeliveries({ db, sealer }, jobId, { start: 0, limit: 10 });
    expect(items).toMatchObject([{ state: 'pending', finishedAt: null, attempts: [] }]);
  });
});

describe('maskUrl', () => {
  it.each([
    ['https://example.com/a/b', 'https://example.com/a/b'],
    ['https://example.com:8443/?a=1&b=&c=x=y#top', 'https://example.com:8443/?a=***&b=&c=***'],
    ['https://example.com/?hunter2', 'https://example.com/?***'],
    ['https://example.com/?=hunter2&&', 'https://example.com/?=***&&'],
    ['https://example.com/?', 'https://example.com/'],
  ])('the address %s is shown as %s', (url, shown) => {
    expect(maskUrl(url)).toBe(shown);
  });
});

describe('maskUrlPath', () => {
  it.each([
    ['https://hooks.example.com/services/T0/B0/hunter2?a=hunter2', 'https://hooks.example.com/***'],
    ['http://user:hunter2@example.com:8080/', 'http://example.com:8080/***'],
  ])('the address %s is shown as %s', (url, shown) => {
    expect(maskUrlPath(url)).toBe(shown);
  });
});
