import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { dumpDatabase, findSecret } from '../../test/support/dump.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { type Key, openKeyRing } from '../access/keys.ts';
import { createSealer } from '../access/sealer.ts';
import { openCallbackSecret, sealCallback, sealStoredSecrets } from './callback-secrets.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(() => test.db.query('DELETE FROM jobs'));

const makeKey = (id: string): Key => ({ id, secret: randomBytes(32), opensOnly: false });
const sealerOf = async (...keys: Key[]) => createSealer(await openKeyRing(async () => keys));
const url = 'https://example.com/hook';
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

async function readStored(jobId: string): Promise<string> {
  const [row] = await test.db.query<{ stored: string }>(
    `SELECT coalesce(callback_secret, secret) AS stored FROM jobs LEFT JOIN deliveries ON job_id = jobs.id
      WHERE jobs.id = $1`,
    [jobId],
  );
  return row?.stored ?? '';
}

it('secrets in clear are sealed once, in jobs and in deliveries, and open for their jobs', async () => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const { queued, ended } = await addRows(() => secret);
  expect(findSecret(await dumpDatabase(test.db), secret)).toContain('plain');
  const sealer = await sealerOf(newKey);
  expect(await sealStoredSecrets(test.db, sealer)).toEqual({ sealed: 2, unopened: 0 });
  expect(findSecret(await dumpDatabase(test.db), secret)).toEqual([]);
  for (const id of [queued, ended]) {
    expect(await openCallbackSecret(sealer, id, await readStored(id))).toEqual({
      kind: 'opened',
      text: secret,
    });
  }
  expect(await sealStoredSecrets(test.db, sealer)).toEqual({ sealed: 0, unopened: 0 });
});

it('secrets of an older key are sealed with the newest, so that the older key can go', async () => {
  const before = await sealerOf(oldKey);
  const sealed = (jobId: string) => sealCallback(before, jobId, { url, secret: jobId }).sealedSecret ?? '';
  const { queued, ended } = await addRows(sealed);
  expect(await sealStoredSecrets(test.db, await sealerOf(newKey, oldKey))).toEqual({
    sealed: 2,
    unopened: 0,
  });
  const after = await sealerOf(newKey);
  for (const id of [queued, ended])
    expect(await openCallbackSecret(after, id, await readStored(id))).toEqual({ kind: 'opened', text: id });
});

it('secrets of a key that is gone stay as they are, and are counted', async () => {
  const before = await sealerOf(oldKey);
  const { queued } = await addRows(
    (jobId) => sealCallback(before, jobId, { url, secret: 'secret' }).sealedSecret ?? '',
  );
  const stored = await readStored(queued);
  await addRows(() => 'in clear');
  expect(await sealStoredSecrets(test.db, await sealerOf(newKey))).toEqual({ sealed: 2, unopened: 2 });
  expect(await readStored(queued)).toBe(stored);
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
});

const contextOf = (row: string) => ({ purpose: 'callback secret', row }) as const;
