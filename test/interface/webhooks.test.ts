import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deliveriesOf, errorOf, jobOf, jobsOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { workers: 3 });
  await registry.upload('lib', { name: 'web' });
});
afterAll(() => registry.close());

/** Starts a receiver that answers the given statuses in turn (then 204), records its calls, and closes after the test. */
async function startReceiver(...statuses: number[]) {
  const calls: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      calls.push({ headers: request.headers, body });
      response.writeHead(statuses[calls.length - 1] ?? 204).end();
      server.emit('called');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook?token=hidden`,
    calls,
    async called(times: number) {
      while (calls.length < times) await once(server, 'called');
    },
  };
}

const submit = (chart: string, callback: object, headers?: Record<string, string>) =>
  registry.orchestrate(
    'lib',
    {
      save: { chart, version: '1.0.0' },
      configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
      callback,
    },
    headers,
  );

describe('a callback', () => {
  it('a callback is called with the final job, signed', async () => {
    const receiver = await startReceiver();
    const secret = `whsec_${Buffer.from('a secret of thirty-two bytes, or so').toString('base64')}`;
    expect((await submit('called', { url: receiver.url, secret })).status).toBe(201);
    await receiver.called(1);
    const { headers, body } = receiver.calls[0] ?? { headers: {}, body: '' };
    const event = new Webhook(secret).verify(body, {
      'webhook-id': String(headers['webhook-id']),
      'webhook-timestamp': String(headers['webhook-timestamp']),
      'webhook-signature': String(headers['webhook-signature']),
    });
    expect(event).toMatchObject({ type: 'job.succeeded', data: { chart: 'called', state: 'succeeded' } });
  });

  it('a callback is called again after a failure, and deliveries show attempts but no secret and no query', async () => {
    const receiver = await startReceiver(500);
    const job = await jobOf(
      await submit(
        'retried',
        {
          url: receiver.url,
          secret: `whsec_${Buffer.from('a quiet secret of enough bytes').toString('base64')}`,
        },
        {},
      ),
    );
    const read = async () => deliveriesOf(await registry.api(`/jobs/${job.id}/deliveries`));
    // The receiver is called before the attempt is stored.
    await expect.poll(async () => (await read()).items[0]?.attempts.length, { timeout: 20_000 }).toBe(1);
    // The next attempt is more than half a minute away; it is made due now.
    const due = await registry.db.query(
      `UPDATE deliveries SET due_at = now(), requeue_at = now()
        WHERE job_id = $1 AND due_at > now() + interval '10 seconds' RETURNING id`,
      [job.id],
    );
    expect(due).toHaveLength(1);
    await receiver.called(2);
    await expect.poll(async () => (await read()).items[0]?.state, { timeout: 20_000 }).toBe('succeeded');
    const deliveries = await read();
    expect(deliveries.metadata).toEqual({ total: 1, itemsLength: 1 });
    expect(deliveries.items[0]?.attempts).toMatchObject([
      { number: 1, status: 500 },
      { number: 2, status: 204 },
    ]);
    expect(JSON.stringify(deliveries)).not.toMatch(/quiet|hidden/);
    expect(new Set(receiver.calls.map((call) => call.headers['webhook-id'])).size).toBe(1);
  });

  it('a callback is called again by a replay, with the secret that is given again', async () => {
    const receiver = await startReceiver();
    const secret = `whsec_${Buffer.from('a secret that is not kept at all').toString('base64')}`;
    expect((await submit('replayed', { url: receiver.url, secret })).status).toBe(201);
    await receiver.called(1);
    const { id } = JSON.parse(receiver.calls[0]?.body ?? '').data;
    const read = async () => (await deliveriesOf(await registry.api(`/jobs/${id}/deliveries`))).items[0];
    await expect.poll(async () => (await read())?.state, { timeout: 20_000 }).toBe('succeeded');
    const path = `/jobs/${id}/deliveries/${(await read())?.id}/replay`;
    const replay = (body?: object) =>
      registry.api(path, { method: 'POST', ...(body ? { body: JSON.stringify(body) } : {}) });
    for (const body of [undefined, {}, { secret: 'word' }]) {
      const refused = await replay(body);
      expect([refused.status, (await errorOf(refused)).details?.pointer]).toEqual([400, '/secret']);
    }
    expect((await replay({ secret })).status).toBe(202);
    await receiver.called(2);
    const [first, second] = receiver.calls;
    expect([second?.headers['webhook-id'], second?.body]).toEqual([
      first?.headers['webhook-id'],
      first?.body,
    ]);
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
    const signed = Object.fromEntries(names.map((name) => [name, String(second?.headers[name])]));
    expect(new Webhook(secret).verify(second?.body ?? '', signed)).toBeTruthy();
    await expect.poll(async () => (await read())?.attempts.length, { timeout: 20_000 }).toBe(2);
    const left = await registry.db.query(
      'SELECT 1 FROM deliveries WHERE job_id = $1 AND secret IS NOT NULL',
      [id],
    );
    expect(left).toEqual([]);
    const unknown = await registry.api(`/jobs/${id}/deliveries/${id}/replay`, { method: 'POST' });
    expect([unknown.status, (await errorOf(unknown)).code]).toEqual([404, 'delivery.notFound']);
  });

  it('a callback to a private address is refused without a job, unless a setting allows it', async () => {
    const strict = await startRegistry({ webhookAllow: [] });
    onTestFinished(() => strict.close());
    await strict.upload('lib', { name: 'web' });
    const recipe = {
      save: { chart: 'x', version: '1.0.0' },
      configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
      callback: { url: 'http://127.0.0.1:9/' },
    };
    for (const query of ['', '?dryRun=true']) {
      const refused = await strict.api(`/spaces/lib/charts${query}`, {
        method: 'POST',
        body: JSON.stringify(recipe),
      });
      expect(refused.status).toBe(400);
      expect(await errorOf(refused)).toMatchObject({
        code: 'callback.invalid',
        message: expect.stringContaining('WEBHOOK_ALLOW'),
        details: { pointer: '/callback/url' },
      });
    }
    expect(await jobsOf(await strict.api('/jobs'))).toMatchObject({ metadata: { total: 0 } });
  });

  it.each([
    { url: 'ftp://example.org' },
    { url: 'nonsense' },
    { url: 1 },
    {},
    { url: 'http://u:p@example.org' },
    { url: 'http://192.168.0.1/' },
    { url: 'http://example.org', secret: 'word' },
    { url: 'http://example.org', secret: 'whsec_c2VjcmV0' },
  ])('a callback is refused when it is %j', async (callback) => {
    const response = await submit('never', callback, {});
    expect(response.status).toBe(400);
    expect((await errorOf(response)).details?.pointer).toMatch(/^\/callback/);
  });
});
