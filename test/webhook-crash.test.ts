import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createClient } from './support/client.ts';
import { createTestDatabase } from './support/postgres.ts';
import { type Served, serve } from './support/process.ts';
import { startReceiver } from './support/receiver.ts';
import { createWebhooks } from './support/webhooks.ts';

const charts = 40;

it('every event has one delivery, which is received, although workers are killed while others work', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const dataDir = await mkdtemp(join(tmpdir(), 'registry-webhooks-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const environment = {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    WEBHOOK_ALLOW: '127.0.0.0/8',
    API_SOURCES: '0',
  };
  const running = new Set<Served>();
  onTestFinished(async () => {
    for (const { end } of running) await end('SIGKILL');
  });
  const start = async (command: string) => {
    const served = await serve(environment, command);
    running.add(served);
    return served;
  };
  const api = await start('api');
  const client = createClient([api.url]);
  await client.upload('lib', { name: 'web' });
  // Told to the webhook, the event of the source would count as one of those that are waited for.
  await database.db.query('DELETE FROM version_events');
  const receiver = await startReceiver();
  const webhooks = createWebhooks(client, 'lib');
  const all = await webhooks.add({ url: receiver.url, events: ['*'] });
  const doomed = [await start('worker'), await start('worker')];

  const sending = Array.from({ length: charts }, async (_, number) => {
    const chart = `made-${number}`;
    if (number % 2 === 0) return client.upload('lib', { name: chart });
    return client.orchestrate(
      'lib',
      {
        save: { chart, version: '1.0.0' },
        configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
      },
      { Prefer: 'wait=0' },
    );
  });
  for (const [index, worker] of doomed.entries()) {
    await receiver.called(1 + index * 10);
    await worker.end('SIGKILL');
    running.delete(worker);
    await start('worker');
  }
  for (const response of await Promise.all(sending)) expect([201, 202]).toContain(response.status);

  // Jobs too: every version is published, and half of the charts are composed.
  const expected = charts + charts / 2;
  const ended = async () => (await webhooks.deliveries(all.id, '?state=succeeded')).metadata.total;
  await expect.poll(ended, { timeout: 150_000, interval: 1_000 }).toBe(expected);
  const { items } = await webhooks.deliveries(all.id, '?limit=1000');
  const shown = await Promise.all(items.map(({ id }) => webhooks.delivery(all.id, id)));
  const told = shown.map(({ type, payload }) => `${type} ${Object(payload.data).chart}`);
  const wanted = Array.from({ length: charts }, (_, number) => [
    `version.published made-${number}`,
    ...(number % 2 === 0 ? [] : [`job.succeeded made-${number}`]),
  ]).flat();
  expect(told.sort()).toEqual(wanted.sort());
  const received = new Map(receiver.calls.map(({ id, body }) => [id, body]));
  for (const { id, payload } of shown) expect(JSON.parse(received.get(id) ?? 'null')).toEqual(payload);
}, 240_000);
