import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { openKeyRing } from '../access/keys.ts';
import { createSealer } from '../access/sealer.ts';
import { announce } from './announce.ts';
import { openStoredSecret, webhookContext } from './callback-secrets.ts';
import { purgeDeliveries } from './purge.ts';
import { sealStoredSecrets } from './seal-stored.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const makeKey = (id: string) => ({ id, secret: randomBytes(32), opensOnly: false });
const [old, fresh] = [makeKey('old'), makeKey('fresh')];
const webhookId = '0190b0c2-0000-4000-8000-000000000001';

it('purges ended deliveries and secrets that sign no more, and seals the others with the newest key', async () => {
  const { db } = test;
  const before = createSealer(await openKeyRing(async () => [old]));
  const seal = (text: string) => before.seal(text, webhookContext(webhookId));
  const [space] = await db.query<{ id: number }>("INSERT INTO spaces (name) VALUES ('lib') RETURNING id");
  await db.query(
    `INSERT INTO webhooks (id, space_id, url, secret, previous_secret, previous_until, events)
     VALUES ($1, $2, 'https://example.org/', $3, $4, now() + interval '1 hour', '{version.*}')`,
    [webhookId, space?.id, seal('present'), seal('former')],
  );
  const ids: string[] = [];
  for (const chart of ['a', 'b', 'c'])
    ids.push(
      ...(await db.transaction((tx) =>
        announce(tx, space?.id ?? 0, { type: 'version.published', data: { chart } }),
      )),
    );
  expect(ids).toHaveLength(3);
  const end =
    "UPDATE deliveries SET state = 'failed', requeue_at = NULL, finished_at = now() - $2::interval WHERE id = $1";
  await db.query(end, [ids[0], '31 days']);
  await db.query(end, [ids[1], '29 days']);

  const after = createSealer(await openKeyRing(async () => [fresh, old]));
  expect(await sealStoredSecrets(db, after)).toMatchObject({ sealed: 3, unopened: 0 });
  const alone = createSealer(await openKeyRing(async () => [fresh]));
  const [row] = await db.query<{ secret: string; previous: string }>(
    'SELECT secret, previous_secret AS previous FROM webhooks',
  );
  const open = (stored = '') => openStoredSecret(alone, webhookContext(webhookId), stored);
  expect(await open(row?.secret)).toEqual({ kind: 'opened', text: 'present' });
  expect(await open(row?.previous)).toEqual({ kind: 'opened', text: 'former' });

  expect(await purgeDeliveries(db, 0)).toBe(0);
  expect(await purgeDeliveries(db, 30)).toBe(1);
  const left = await db.query<{ id: string }>('SELECT id FROM deliveries ORDER BY number');
  expect(left.map(({ id }) => id)).toEqual(ids.slice(1));
  await db.query("UPDATE webhooks SET previous_until = now() - interval '1 second'");
  await purgeDeliveries(db, 30);
  expect(await db.query('SELECT 1 FROM webhooks WHERE previous_secret IS NOT NULL')).toEqual([]);
});
