import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { dumpDatabase, findSecret } from '../../test/support/dump.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { systemActor } from '../access/actor.ts';
import { type Key, openKeyRing } from '../access/keys.ts';
import { createSealer, type Sealer } from '../access/sealer.ts';
import { createPool } from '../db/pool.ts';
import type { Queryable } from '../db/port.ts';
import { callbackAddressContext, maskStoredAddress, openAddress, sealAddress } from './addresses.ts';
import { callbackContext, openCallbackSecret, sealCallback } from './callback-secrets.ts';
import { replayCallback } from './replay-callback.ts';
import { sealStoredSecrets } from './seal-stored.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.db.query('DELETE FROM jobs');
  await test.db.query('DELETE FROM workers');
});

const makeKey = (id: string): Key => ({ id, secret: randomBytes(32), opensOnly: false });
const sealerOf = async (...keys: Key[]) => createSealer(await openKeyRing(async () => keys));
const url = 'https://example.com:8443/services/hunter2?token=hunter2';
const addressesLeft = false;
const oldKey = makeKey('old');
const newKey = makeKey('new');

/** Adds a queued job and a pending delivery of another job, as a release without sealing wrote them. */
async function addRows(secretOf: (jobId: string) => string): Promise<{ queued: string; ended: string }> {
  const [queued, ended] = [randomUUID(), randomUUID()];
  await test.db.query(
    `INSERT INTO jobs (id, state, space, chart, version, recipe, plan, callback_url, callback_secret, requeue_at, finished_at)
     VALUES ($1::uuid, 'queued', 'lib', $1::uuid::text, '1.0.0', '{}', '{}', $3, $4, now(), NULL),
            ($2::uuid, 'failed', 'lib', $2::uuid::text, '1.0.0', '{}', '{}', $3, NULL, NULL, now())`,
    [queued, ended, url, secretOf(queued)],
  );
  await test.db.query(
    "INSERT INTO deliveries (id, job_id, url, secret, payload, requeue_at) VALUES ($1, $2, $3, $4, '{}', now())",
    [randomUUID(), ended, url, secretOf(ended)],
  );
  return { queued, ended };
}

/** Reads the first of two columns, of a job and of its delivery, that has something. */
async function readFirst(jobId: string, columns: string): Promise<string> {
  const [row] = await test.db.query<{ stored: string }>(
    `SELECT coalesce(${columns}) AS stored FROM jobs LEFT JOIN deliveries ON job_id = jobs.id WHERE jobs.id = $1`,
    [jobId],
  );
  return row?.stored ?? '';
}
const readStored = (jobId: string) => readFirst(jobId, 'callback_secret, secret');
const readAddress = (jobId: string) => readFirst(jobId, 'url, callback_url');

const sealSecret = (sealer: Sealer, secret: string) => (jobId: string) =>
  sealer.seal(secret, callbackContext(jobId));

it('secrets in clear are sealed once, in jobs and in deliveries, and open for their jobs', async () => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const { queued, ended } = await addRows(() => secret);
  expect(findSecret(await dumpDatabase(test.db), secret)).toContain('plain');
  const sealer = await sealerOf(newKey);
  expect(await sealStoredSecrets(test.db, sealer)).toEqual({ sealed: 5, unopened: 0, addressesLeft });
  for (const text of [secret, 'hunter2']) expect(findSecret(await dumpDatabase(test.db), text)).toEqual([]);
  for (const id of [queued, ended]) {
    expect(await openCallbackSecret(sealer, id, await readStored(id))).toEqual({
      kind: 'opened',
      text: secret,
    });
    const address = await openAddress(sealer, await readAddress(id), callbackAddressContext(id));
    expect(address).toEqual({ kind: 'opened', text: url });
  }
  expect(await sealStoredSecrets(test.db, sealer)).toEqual({ sealed: 0, unopened: 0, addressesLeft });
});

it('secrets of an older key are sealed with the newest, so that the older key can go', async () => {
  const before = await sealerOf(oldKey);
  const { queued, ended } = await addRows((jobId) => before.seal(jobId, callbackContext(jobId)));
  for (const id of [queued, ended]) {
    const address = sealAddress(before, url, callbackAddressContext(id));
    await test.db.query('UPDATE jobs SET callback_url = $2 WHERE id = $1', [id, address]);
    await test.db.query('UPDATE deliveries SET url = $2 WHERE job_id = $1', [id, address]);
  }
  expect(await sealStoredSecrets(test.db, await sealerOf(newKey, oldKey))).toEqual({
    ...{ sealed: 5, unopened: 0, addressesLeft },
  });
  const after = await sealerOf(newKey);
  for (const id of [queued, ended]) {
    expect(await openCallbackSecret(after, id, await readStored(id))).toEqual({ kind: 'opened', text: id });
    const [context, stored] = [callbackAddressContext(id), await readAddress(id)];
    expect(await openAddress(after, stored, context)).toEqual({ kind: 'opened', text: url });
    const shown = [
      await maskStoredAddress(after, stored, context),
      await maskStoredAddress(before, stored, context),
    ];
    expect(shown).toEqual([
      'https://example.com:8443/services/hunter2?token=***',
      'https://example.com:8443/***',
    ]);
  }
});

it('secrets of a key that is gone stay as they are, and are counted', async () => {
  const before = await sealerOf(oldKey);
  const { queued } = await addRows(sealSecret(before, 'secret'));
  const stored = await readStored(queued);
  await addRows(() => 'in clear');
  expect(await sealStoredSecrets(test.db, await sealerOf(newKey))).toEqual({
    ...{ sealed: 8, unopened: 2, addressesLeft },
  });
  expect(await readStored(queued)).toBe(stored);
});

it('addresses stay in clear while a worker lives that cannot open them, and are sealed after that', async () => {
  const sealer = await sealerOf(newKey);
  const store = () => sealCallback({ db: test.db, sealer }, randomUUID(), { url });
  await test.db.query('INSERT INTO workers (id, opens_addresses) VALUES (gen_random_uuid(), true)');
  expect((await store()).url).toMatch(/^https:\/\/sealed\.v1\.new\.[\w-]+@example\.com:8443\/\*\*\*$/);
  const [older] = await test.db.query<{ id: string }>(
    'INSERT INTO workers (id) VALUES (gen_random_uuid()) RETURNING id',
  );
  expect((await store()).url).toBe(url);
  const { queued } = await addRows(sealSecret(sealer, 'secret'));
  expect(await sealStoredSecrets(test.db, sealer)).toEqual({ sealed: 0, unopened: 0, addressesLeft: true });
  expect(await readAddress(queued)).toBe(url);
  await test.db.query("UPDATE workers SET seen_at = now() - interval '1 minute' WHERE id = $1", [older?.id]);
  expect((await store()).url).not.toContain('hunter2');
  expect(await sealStoredSecrets(test.db, sealer)).toEqual({ sealed: 3, unopened: 0, addressesLeft });
  expect(await readAddress(queued)).not.toContain('hunter2');
});

it('an address in clear that another job has got meanwhile is not sealed for the job before', async () => {
  const sealer = await sealerOf(newKey);
  const { queued, ended } = await addRows(sealSecret(sealer, 'secret'));
  const moving: Queryable = {
    async query(text, params) {
      // As a follow that is set again by another job with the same address.
      if (text.startsWith('UPDATE deliveries SET url'))
        await test.db.query('UPDATE deliveries SET job_id = $1', [queued]);
      return test.db.query(text, params);
    },
  };
  await sealStoredSecrets(moving, sealer);
  const addressOf = async () => {
    const [row] = await test.db.query<{ job: string; url: string }>(
      'SELECT job_id AS job, url FROM deliveries',
    );
    return row;
  };
  expect(await addressOf()).toEqual({ job: queued, url });
  await test.db.query('UPDATE deliveries SET job_id = $1', [ended]);
  await sealStoredSecrets(test.db, sealer);
  const { url: sealed = '' } = (await addressOf()) ?? {};
  expect(await openAddress(sealer, sealed, callbackAddressContext(ended))).toEqual({
    kind: 'opened',
    text: url,
  });
});

it('a callback is replayed over one connection, also where the key of its address is missing', async () => {
  const single = createPool({ url: test.url, applicationName: 'single', max: 1, onError: () => undefined });
  onTestFinished(() => single.close());
  const ring = await openKeyRing(async () => {
    await single.query('SELECT FROM auth_keys');
    return [newKey];
  });
  const { ended } = await addRows(() => 'secret');
  const address = sealAddress(await sealerOf(oldKey), url, callbackAddressContext(ended));
  const [delivery] = await test.db.query<{ id: string }>(
    'UPDATE deliveries SET url = $1 WHERE job_id = $2 RETURNING id',
    [address, ended],
  );
  const replayed = await replayCallback(
    { db: single, actor: systemActor, sealer: createSealer(ring) },
    {
      job: { id: ended, space: 'lib', chart: ended },
      right: 'webhook.manage',
      place: { space: 'lib', chart: ended },
    },
    delivery?.id ?? '',
    undefined,
  );
  expect(replayed).toMatchObject({ state: 'pending', url: 'https://example.com:8443/***' });
});

it('many secrets are sealed page after page, also by two at once', async () => {
  await test.db.query(
    `INSERT INTO jobs (id, state, space, chart, version, recipe, plan, callback_url, callback_secret, requeue_at)
     SELECT gen_random_uuid(), 'queued', 'lib', 'c' || n, '1.0.0', '{}', '{}', $1, 'in clear', now()
       FROM generate_series(1, 2100) AS n`,
    [url],
  );
  const sealer = await sealerOf(newKey);
  await Promise.all([sealStoredSecrets(test.db, sealer), sealStoredSecrets(test.db, sealer)]);
  const rows = await test.db.query<{ id: string; stored: string }>(
    'SELECT id, callback_secret AS stored FROM jobs',
  );
  const opened = await Promise.all(rows.map(({ id, stored }) => sealer.open(stored, contextOf(id))));
  expect(opened).toEqual(Array(2100).fill({ kind: 'opened', text: 'in clear' }));
  expect(await test.db.query('SELECT id FROM jobs WHERE callback_url = $1', [url])).toEqual([]);
});

const contextOf = (row: string) => ({ purpose: 'callback secret', row }) as const;
