import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type Key, openKeyRing } from '../core/access/keys.ts';
import { createSealer } from '../core/access/sealer.ts';
import { createMetrics } from '../core/metrics/metrics.ts';
import { type Arrival, ReleasedError } from '../core/queue/port.ts';
import { noTracing } from '../core/runtime/tracing.ts';
import { createWebhookDeliveries } from '../core/webhooks/announce.ts';
import { sealCallback } from '../core/webhooks/callback-secrets.ts';
import { createCallbackDelivery } from '../core/webhooks/deliveries.ts';
import { listDeliveries, readAttempts } from '../core/webhooks/list-deliveries.ts';
import { claimDueDeliveries } from '../core/webhooks/requeue.ts';
import { createSender } from '../core/webhooks/send.ts';
import { createTestDatabase, type TestDatabase } from '../test/support/postgres.ts';
import { createDeliverHandler } from './deliver.ts';

interface ReceivedCall {
  headers: Record<string, string>;
  body: string;
}

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const payload = '{"type":"job.succeeded","data":{"chart":"größe"}}';
const makeKey = (id: string): Key => ({ id, secret: randomBytes(32), opensOnly: false });
const known = [makeKey('new'), makeKey('old')];
const sealerOf = async (...keys: Key[]) => createSealer(await openKeyRing(async () => keys));
const sealer = createSealer(await openKeyRing(async () => [...known]));
const policy = { attempts: 3, backoffMs: 60_000, maxDelayMs: 600_000 };

/** Makes a delivery due, as when the time of its next attempt has come. */
const makeDue = (id: string) => test.db.query('UPDATE deliveries SET due_at = now() WHERE id = $1', [id]);

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

/** Starts a receiver that answers with the statuses in turn; `undefined` is not a response at all. */
async function receive(...statuses: (number | undefined)[]) {
  const calls: ReceivedCall[] = [];
  const server = createServer(async (req: IncomingMessage, res: ServerResponse) => {
    const status = statuses[calls.length];
    const headers = Object.fromEntries(
      Object.entries(req.headers).map(([name, value]) => [name, String(value)]),
    );
    calls.push({ headers, body: await text(req) });
    server.emit('received');
    if (status !== undefined) res.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return { url: `http://127.0.0.1:${address.port}/hook`, calls, server };
}

async function createDueDelivery(url: string, sealWith = sealer): Promise<{ id: string; jobId: string }> {
  const jobId = randomUUID();
  const id = await test.db.transaction(async (tx) => {
    await tx.query(
      `INSERT INTO jobs (id, state, space, chart, version, recipe, plan, finished_at)
       VALUES ($1, 'succeeded', 'lib', 'shop', '1.0.0', '{}', '{}', now())`,
      [jobId],
    );
    const callback = await sealCallback({ db: tx, sealer: sealWith }, jobId, { url, secret });
    return createCallbackDelivery(tx, { jobId, ...callback, payload });
  });
  return { id, jobId };
}

const deliverWith = (allow: string[]) =>
  createDeliverHandler({
    db: test.db,
    sender: createSender({
      allow,
      timeoutMs: 5000,
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    }),
    sealer,
    log: pino({ level: 'silent' }),
    policy,
    metrics: createMetrics(),
    tracing: noTracing,
    pausePolicy: { pauseAfterDays: 3, guarded: false },
  });
const deliver = (arrival: Arrival) => deliverWith(['127.0.0.0/8'])(arrival);

// The queue's count of attempts does not matter, since the queue may have been flushed.
const arrivalOf = (id: string, signal = new AbortController().signal): Arrival => ({
  id,
  attempt: 1,
  last: false,
  signal,
});

async function logOf(jobId: string) {
  const { items } = await listDeliveries({ db: test.db, sealer }, jobId, { start: 0, limit: 10 });
  return items[0];
}

it('makes one signed call for an arrival, and ends the delivery when it succeeds', async () => {
  const hook = await receive(200);
  const { id, jobId } = await createDueDelivery(hook.url);
  await deliver(arrivalOf(id));
  const [call] = hook.calls;
  expect(call?.body).toBe(payload);
  expect(call?.headers['webhook-id']).toBe(id);
  expect(new Webhook(secret).verify(call?.body ?? '', call?.headers ?? {})).toEqual(JSON.parse(payload));
  expect(await logOf(jobId)).toMatchObject({ state: 'succeeded', attempts: [{ number: 1, status: 200 }] });
});

it('repeats a failed call with the same id and body until it succeeds', async () => {
  const hook = await receive(500, 503, 204);
  const { id, jobId } = await createDueDelivery(hook.url);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await makeDue(id);
    await deliver(arrivalOf(id));
  }
  expect(new Set(hook.calls.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
  const { state, attempts } = (await logOf(jobId)) ?? {};
  expect([state, attempts?.map(({ status }) => status)]).toEqual(['succeeded', [500, 503, 204]]);
});

it('ends the delivery as failed when its last attempt fails', async () => {
  const hook = await receive(500, 500, 500);
  const { id, jobId } = await createDueDelivery(hook.url);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    expect((await logOf(jobId))?.state).toBe('pending');
    await makeDue(id);
    await deliver(arrivalOf(id));
  }
  expect(await logOf(jobId)).toMatchObject({
    state: 'failed',
    attempts: [{}, {}, { number: 3, status: 500 }],
  });
});

it('makes a call that was signed with a secret sealed by an older key', async () => {
  const hook = await receive(200);
  const { id } = await createDueDelivery(hook.url, await sealerOf(...known.slice(1)));
  await deliver(arrivalOf(id));
  const [call] = hook.calls;
  expect(new Webhook(secret).verify(call?.body ?? '', call?.headers ?? {})).toEqual(JSON.parse(payload));
});

it('makes a call with an address and a secret in clear, of an earlier release', async () => {
  const hook = await receive(200);
  const { id } = await createDueDelivery(hook.url);
  await test.db.query('UPDATE deliveries SET secret = $2, url = $3 WHERE id = $1', [id, secret, hook.url]);
  await deliver(arrivalOf(id));
  const [call] = hook.calls;
  expect(new Webhook(secret).verify(call?.body ?? '', call?.headers ?? {})).toEqual(JSON.parse(payload));
});

it('makes no call without the key of the secret, tells the operator, and ends with the last attempt', async () => {
  const hook = await receive(200);
  const { id, jobId } = await createDueDelivery(hook.url, await sealerOf(makeKey('gone')));
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    expect((await logOf(jobId))?.state).toBe('pending');
    await makeDue(id);
    await deliver(arrivalOf(id));
  }
  const error = expect.stringMatching(/the key "gone".+put that key back, into AUTH_KEYS_FILE/);
  expect(await logOf(jobId)).toMatchObject({
    state: 'failed',
    attempts: [1, 2, 3].map((number) => ({ number, error })),
  });
  expect(hook.calls).toEqual([]);
});

it('makes the call once the missing key is back', async () => {
  const hook = await receive(200);
  const lost = makeKey('lost');
  const { id, jobId } = await createDueDelivery(hook.url, await sealerOf(lost));
  await deliver(arrivalOf(id));
  known.push(lost);
  await makeDue(id);
  await deliver(arrivalOf(id));
  known.pop();
  expect(await logOf(jobId)).toMatchObject({ state: 'succeeded', attempts: [{ number: 1 }, { number: 2 }] });
});

it.each(['secret', 'url'])(
  'fails the delivery without a call when its %s was sealed for another job',
  async (column) => {
    const hook = await receive(200);
    const { id, jobId } = await createDueDelivery(hook.url);
    const other = await createDueDelivery(hook.url);
    await test.db.query(
      `UPDATE deliveries SET ${column} = (SELECT ${column} FROM deliveries WHERE id = $2) WHERE id = $1`,
      [id, other.id],
    );
    await deliver(arrivalOf(id));
    const error = expect.stringContaining('was changed after it was sealed');
    expect(await logOf(jobId)).toMatchObject({ state: 'failed', attempts: [{ number: 1, error }] });
    expect(hook.calls).toEqual([]);
  },
);

it('makes no call before the delivery is due', async () => {
  const hook = await receive(500, 200);
  const { id } = await createDueDelivery(hook.url);
  await deliver(arrivalOf(id));
  await deliver(arrivalOf(id));
  expect(hook.calls).toHaveLength(1);
});

it('makes no call for a delivery that is final or unknown', async () => {
  const hook = await receive(200, 200);
  const { id } = await createDueDelivery(hook.url);
  await deliver(arrivalOf(id));
  await deliver(arrivalOf(id));
  await deliver(arrivalOf(randomUUID()));
  expect(hook.calls).toHaveLength(1);
});

it('records one success when a delivery arrives twice at the same time', async () => {
  const hook = await receive(200, 200);
  const { id, jobId } = await createDueDelivery(hook.url);
  await Promise.all([deliver(arrivalOf(id)), deliver(arrivalOf(id))]);
  expect((await logOf(jobId))?.attempts).toMatchObject([{ number: 1, status: 200 }]);
});

it.each(['127.0.0.1', 'hooks.example'])(
  'fails the delivery without a call when the address %s is refused',
  async (host) => {
    const hook = await receive(200);
    const { id, jobId } = await createDueDelivery(hook.url.replace('127.0.0.1', host));
    await deliverWith([])(arrivalOf(id));
    expect(hook.calls).toEqual([]);
    const attempts = [{ number: 1, error: expect.stringContaining('WEBHOOK_ALLOW') }];
    expect(await logOf(jobId)).toMatchObject({ state: 'failed', attempts });
  },
);

/** Creates a webhook of a new space, and deliveries of it that are due. */
async function createWebhookRows(url: string, deliveries: number, sealedFor?: string) {
  const webhookId = randomUUID();
  const sealed = sealer.seal(secret, { purpose: 'webhook secret', row: sealedFor ?? webhookId });
  const ids = await test.db.transaction(async (tx) => {
    await tx.query(
      `WITH space AS (INSERT INTO spaces (name) VALUES ($1::uuid::text) RETURNING id)
       INSERT INTO webhooks (id, space_id, url, secret, events) SELECT $1, id, $2, $3, '{*}' FROM space`,
      [webhookId, url, sealed],
    );
    return createWebhookDeliveries(
      tx,
      Array.from({ length: deliveries }, () => ({ type: 'job.succeeded', payload, webhookIds: [webhookId] })),
    );
  });
  return { webhookId, ids };
}
const attemptsOf = async (id: string) => (await readAttempts(test.db, [id])).get(id);

it('makes no call for a webhook whose address is refused, or whose secret is that of another one', async () => {
  const hook = await receive(200);
  const { ids: refused } = await createWebhookRows(hook.url, 1);
  await deliverWith([])(arrivalOf(refused[0] ?? ''));
  expect(await attemptsOf(refused[0] ?? '')).toMatchObject([
    { error: expect.stringContaining('WEBHOOK_ALLOW') },
  ]);
  const { ids: foreign } = await createWebhookRows(hook.url, 1, randomUUID());
  await deliver(arrivalOf(foreign[0] ?? ''));
  expect(await attemptsOf(foreign[0] ?? '')).toMatchObject([
    { error: expect.stringMatching(/the webhook's secret.+was changed.+new secret/) },
  ]);
  expect(hook.calls).toEqual([]);
});

it('calls a webhook that fails twice at a time, and leaves its other deliveries to the sweep', async () => {
  const hook = await receive();
  const { webhookId, ids } = await createWebhookRows(hook.url, 4);
  await test.db.query('UPDATE webhooks SET failing_since = now(), failures = 1 WHERE id = $1', [webhookId]);
  const shutdown = new AbortController();
  const handler = deliverWith(['127.0.0.0/8']);
  const hanging = ids.slice(0, 2).map((id) => handler(arrivalOf(id, shutdown.signal)));
  while (hook.calls.length < 2) await once(hook.server, 'received');
  for (const id of ids.slice(2)) await handler(arrivalOf(id));
  expect(hook.calls).toHaveLength(2);
  const left = await test.db.query(
    "SELECT 1 FROM deliveries WHERE webhook_id = $1 AND state = 'pending' AND requeue_at > now() + interval '10 seconds'",
    [webhookId],
  );
  expect(left).toHaveLength(2);
  shutdown.abort();
  await Promise.allSettled(hanging);
  // Its turns are free again.
  const other = await receive(204);
  await test.db.query('UPDATE webhooks SET url = $2 WHERE id = $1', [webhookId, other.url]);
  await handler(arrivalOf(ids[2] ?? ''));
  expect(other.calls).toHaveLength(1);
  await test.db.query('DELETE FROM webhooks WHERE id = $1', [webhookId]);
});

it('releases a delivery that a shutdown interrupts, due immediately and without an attempt', async () => {
  const hook = await receive(undefined);
  const { id, jobId } = await createDueDelivery(hook.url);
  const shutdown = new AbortController();
  hook.server.once('received', () => shutdown.abort());
  await expect(deliver(arrivalOf(id, shutdown.signal))).rejects.toThrow(ReleasedError);
  expect(await logOf(jobId)).toMatchObject({ state: 'pending', attempts: [] });
  expect(await claimDueDeliveries(test.db, 10)).toMatchObject([{ id }]);
});
