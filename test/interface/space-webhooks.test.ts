import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { errorOf, jobOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { dumpDatabase, findSecret } from '../support/dump.ts';
import { isSignedWith, startReceiver } from '../support/receiver.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { createWebhooks, sendJson } from '../support/webhooks.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { workers: 3, looksOften: true });
});
afterAll(() => registry.close());

let spaces = 0;
/** Makes a space of a test's own, with a chart to compose from. */
async function openSpace() {
  spaces += 1;
  const space = `team-${spaces}`;
  expect((await registry.upload(space, { name: 'web' })).status).toBe(201);
  // The upload is not an event for the webhooks that follow.
  await expect
    .poll(async () => (await registry.db.query('SELECT 1 FROM version_events')).length, { timeout: 20_000 })
    .toBe(0);
  return { space, webhooks: createWebhooks(registry, space) };
}
const makeSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const recipe = (space: string, chart: string, version = '1.0.0') => ({
  save: { chart, version },
  configs: { package: { independent: true, space, chart: 'web', version: '1.0.0' } },
});
const timeout = { timeout: 30_000 };

describe('a webhook of a space', () => {
  it('a webhook is called for each change of a version, signed, with what a receiver needs', async () => {
    const { space, webhooks } = await openSpace();
    const receiver = await startReceiver();
    const secret = makeSecret();
    await webhooks.add({ url: receiver.url, events: ['version.*'], secret });
    await registry.upload(space, { name: 'cache', values: { a: 1 } });
    const [published] = await receiver.called(1);
    const other = await packChart({ name: 'cache', values: { a: 2 } });
    const path = `/spaces/${space}/charts/cache/versions/1.0.0`;
    expect((await registry.api(path, { method: 'PUT', body: chartForm(other) })).status).toBe(200);
    const [, replaced] = await receiver.called(2);
    expect((await registry.api(path, { method: 'DELETE' })).status).toBe(204);
    const [, , deleted] = await receiver.called(3);
    const link = `/api/v1${path}`;
    const first = published?.event.data.digest;
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(published?.event).toMatchObject({
      type: 'version.published',
      data: { space, chart: 'cache', version: '1.0.0', link },
    });
    expect(replaced?.event).toMatchObject({ type: 'version.replaced', data: { digestBefore: first, link } });
    const second = replaced?.event.data.digest;
    expect(second).not.toBe(first);
    expect(deleted?.event).toMatchObject({ type: 'version.deleted', data: { digestBefore: second } });
    expect(deleted?.event.data.digest).toBeUndefined();
    for (const call of receiver.calls) expect(isSignedWith(secret, call)).toBe(true);
  });

  it('a webhook is called when a job succeeds or is cancelled, with the job as readers see it', async () => {
    const { space, webhooks } = await openSpace();
    const receiver = await startReceiver();
    await webhooks.add({ url: receiver.url, events: ['job.*'] });
    expect((await registry.orchestrate(space, recipe(space, 'made'))).status).toBe(201);
    const [succeeded] = await receiver.called(1);
    expect(succeeded?.event).toMatchObject({
      type: 'job.succeeded',
      data: {
        space,
        chart: 'made',
        version: '1.0.0',
        state: 'succeeded',
        sources: [{ space, chart: 'web' }],
      },
    });
    const id = String(succeeded?.event.data.id);
    expect(await jobOf(await registry.api(`/jobs/${id}`))).toEqual(succeeded?.event.data);

    // A job that no worker gets for an hour.
    const [queued] = await registry.db.query<{ id: string }>(
      `INSERT INTO jobs (id, state, space, space_id, chart, version, recipe, plan, requeue_at)
       SELECT gen_random_uuid(), 'queued', s.name, s.id, 'waiting', '1.0.0', '{}', '{}', now() + interval '1 hour'
         FROM spaces s WHERE s.name = $1 RETURNING id`,
      [space],
    );
    expect((await registry.api(`/jobs/${queued?.id}`, { method: 'DELETE' })).status).toBe(202);
    const [, cancelled] = await receiver.called(2);
    expect(cancelled?.event).toMatchObject({ type: 'job.cancelled', data: { id: queued?.id } });
  });

  it('a webhook gets the events and charts that it asks for, and no others', async () => {
    const { space, webhooks } = await openSpace();
    const [some, all] = [await startReceiver(), await startReceiver()];
    await webhooks.add({ url: some.url, events: ['version.published'], charts: ['api-*'] });
    await webhooks.add({ url: all.url, events: ['*'] });
    await registry.upload(space, { name: 'api-users' });
    await registry.upload(space, { name: 'other' });
    await registry.orchestrate(space, recipe(space, 'api-made'));
    await all.called(4);
    await some.called(2);
    expect(all.calls.map(({ type }) => type).sort()).toEqual([
      'job.succeeded',
      ...Array(3).fill('version.published'),
    ]);
    expect(some.calls.map(({ event }) => event.data.chart).sort()).toEqual(['api-made', 'api-users']);
    const { space: other } = await openSpace();
    await registry.upload(other, { name: 'api-users' });
    await expect
      .poll(async () => (await registry.db.query('SELECT 1 FROM version_events')).length, timeout)
      .toBe(0);
    // Calls are recorded a moment after they are received; one of the other space would be another call.
    await expect
      .poll(() => registry.db.query("SELECT 1 FROM deliveries WHERE state = 'pending'"), timeout)
      .toEqual([]);
    expect([all.calls.length, some.calls.length]).toEqual([4, 2]);
  });

  it('a webhook has its secret shown once if the registry makes it, and no secret is stored in clear', async () => {
    const { webhooks } = await openSpace();
    const receiver = await startReceiver();
    const secret = makeSecret();
    const own = await webhooks.add({ url: receiver.url, events: ['*'], secret });
    expect(own.secret).toBeUndefined();
    const made = await webhooks.add({ url: receiver.url, events: ['*'] });
    expect(made.secret).toMatch(/^whsec_/);
    for (const { id } of [own, made]) {
      expect(JSON.stringify([await webhooks.get(id), await webhooks.list()])).not.toMatch(/whsec_|hidden/);
    }
    await webhooks.test(made.id);
    const [call] = await receiver.called(1);
    if (!call) throw new Error('no call');
    expect(isSignedWith(made.secret ?? '', call)).toBe(true);
    const dump = await dumpDatabase(registry.db);
    for (const text of [secret, made.secret ?? '']) expect(findSecret(dump, text)).toEqual([]);
  });

  it('a webhook signs with the new secret and the one before after a change, in pending deliveries too', async () => {
    const { space, webhooks } = await openSpace();
    const receiver = await startReceiver();
    receiver.answer(500);
    const secret = makeSecret();
    const { id } = await webhooks.add({ url: receiver.url, events: ['version.*'], secret });
    await registry.upload(space, { name: 'cache' });
    const [first] = await receiver.called(1);
    const changed = await webhooks.change(id, { rotateSecret: true });
    expect(changed.previousSecretUntil).not.toBeNull();
    receiver.answer(204);
    await expect
      .poll(async () => (await webhooks.delivery(id, first?.id ?? '')).attempts.length, timeout)
      .toBe(1);
    await webhooks.replay(id, first?.id ?? '');
    const [, second] = await receiver.called(2);
    if (!second) throw new Error('no call');
    expect(second.body).toBe(first?.body);
    expect([changed.secret ?? '', secret].map((text) => isSignedWith(text, second))).toEqual([true, true]);
    await registry.db.query(
      "UPDATE webhooks SET previous_until = now() - interval '1 second' WHERE id = $1",
      [id],
    );
    await webhooks.test(id);
    const [, , third] = await receiver.called(3);
    if (!third) throw new Error('no call');
    expect([changed.secret ?? '', secret].map((text) => isSignedWith(text, third))).toEqual([true, false]);
    expect((await webhooks.get(id)).previousSecretUntil).toBeNull();
  });

  it('a webhook is called anew with the same id and payload by a replay, and the list shows all attempts', async () => {
    const { space, webhooks } = await openSpace();
    const receiver = await startReceiver();
    const { id } = await webhooks.add({ url: receiver.url, events: ['version.published'] });
    await registry.upload(space, { name: 'cache' });
    await receiver.called(1);
    const last = async () => (await webhooks.deliveries(id)).items[0];
    await expect.poll(async () => (await last())?.state, timeout).toBe('succeeded');
    const delivery = (await last())?.id ?? '';
    // The call of the first replay goes on until the second has been answered, or that would ask for a third call.
    const replays = Promise.all([webhooks.replay(id, delivery), webhooks.replay(id, delivery)]);
    receiver.delay(async () => void (await replays));
    const [one, two] = await replays;
    expect([one.state, two.state]).toEqual(['pending', 'pending']);
    await receiver.called(2);
    await expect.poll(async () => (await last())?.state, timeout).toBe('succeeded');
    expect(new Set(receiver.calls.map((call) => `${call.id} ${call.body}`)).size).toBe(1);
    expect(await webhooks.deliveries(id)).toMatchObject({
      metadata: { total: 1, itemsLength: 1 },
      items: [
        {
          id: delivery,
          type: 'version.published',
          nextAttemptAt: null,
          attempts: [{ number: 1 }, { number: 2 }],
        },
      ],
    });
    const shown = await webhooks.delivery(id, delivery);
    expect(shown.payload).toEqual(receiver.calls[0]?.event);
    expect((await webhooks.deliveries(id, '?state=failed')).metadata.total).toBe(0);
    expect(JSON.stringify(shown)).not.toContain('hidden');
  });

  it('a webhook that failed for days is paused, gets no events, and tells its receiver of the gap once resumed', async () => {
    const { space, webhooks } = await openSpace();
    const receiver = await startReceiver();
    receiver.answer(503);
    const { id } = await webhooks.add({ url: receiver.url, events: ['version.published'] });
    await registry.upload(space, { name: 'first' });
    await receiver.called(1);
    await expect.poll(async () => (await webhooks.get(id)).failing?.attempts, timeout).toBe(1);
    await registry.db.query("UPDATE webhooks SET failing_since = now() - interval '73 hours' WHERE id = $1", [
      id,
    ]);
    const [pending] = (await webhooks.deliveries(id)).items;
    await webhooks.replay(id, pending?.id ?? '');
    await expect.poll(async () => (await webhooks.get(id)).state, timeout).toBe('paused');
    const paused = await webhooks.get(id);
    expect(paused.paused).toMatchObject({ reason: 'failing', message: expect.stringContaining('active') });

    const calls = receiver.calls.length;
    await registry.upload(space, { name: 'second' });
    await expect
      .poll(async () => (await registry.db.query('SELECT 1 FROM version_events')).length, timeout)
      .toBe(0);
    expect((await webhooks.deliveries(id)).metadata.total).toBe(1);
    const refused = await sendJson(
      registry,
      'POST',
      `${webhooks.root}/${id}/deliveries/${pending?.id}/replay`,
    );
    expect([refused.status, (await errorOf(refused)).code]).toEqual([409, 'webhook.paused']);

    // The delivery that was waiting ends without a call.
    await registry.db.query('UPDATE deliveries SET due_at = now(), requeue_at = now() WHERE id = $1', [
      pending?.id,
    ]);
    await expect
      .poll(async () => (await webhooks.delivery(id, pending?.id ?? '')).state, timeout)
      .toBe('failed');
    expect(receiver.calls).toHaveLength(calls);

    receiver.answer(204);
    await webhooks.test(id);
    await receiver.called(1, ({ type }) => type === 'webhook.test');
    expect((await webhooks.get(id)).state).toBe('paused');
    expect(await webhooks.change(id, { state: 'active' })).toMatchObject({
      state: 'active',
      paused: null,
      failing: null,
    });
    const [resumed] = await receiver.called(1, ({ type }) => type === 'webhook.resumed');
    expect(resumed?.event.data).toMatchObject({
      webhook: id,
      pausedAt: paused.paused?.since,
      reason: 'failing',
    });
    await webhooks.replay(id, pending?.id ?? '');
    const [again] = await receiver.called(
      1,
      (call) => call.id === pending?.id && call.type === 'version.published',
    );
    expect(again).toBeDefined();
    await expect
      .poll(async () => (await webhooks.delivery(id, pending?.id ?? '')).state, timeout)
      .toBe('succeeded');
    await registry.upload(space, { name: 'third' });
    await receiver.called(1, ({ event }) => event.data.chart === 'third');
  });

  it('a webhook that is received again counts its failures anew', async () => {
    const { space, webhooks } = await openSpace();
    const receiver = await startReceiver();
    receiver.answer(500);
    const { id } = await webhooks.add({ url: receiver.url, events: ['*'] });
    await registry.upload(space, { name: 'first' });
    await expect.poll(async () => (await webhooks.get(id)).failing?.attempts, timeout).toBe(1);
    receiver.answer(204);
    await webhooks.replay(id, (await webhooks.deliveries(id)).items[0]?.id ?? '');
    await expect.poll(async () => (await webhooks.get(id)).failing, timeout).toBeNull();
  });

  it('a test call makes one attempt, and does not count', async () => {
    const { webhooks } = await openSpace();
    const receiver = await startReceiver();
    receiver.answer(500);
    const { id } = await webhooks.add({ url: receiver.url, events: ['job.failed'] });
    const { id: delivery, type } = await webhooks.test(id);
    expect(type).toBe('webhook.test');
    await receiver.called(1);
    await expect.poll(async () => (await webhooks.delivery(id, delivery)).state, timeout).toBe('failed');
    expect((await webhooks.get(id)).failing).toBeNull();
  });

  it('webhooks go with their space, and what is pending is not called', async () => {
    const { space, webhooks } = await openSpace();
    const receiver = await startReceiver();
    receiver.answer(500);
    await webhooks.add({ url: receiver.url, events: ['*'] });
    await registry.upload(space, { name: 'first' });
    await receiver.called(1);
    expect((await registry.api(`/spaces/${space}`, { method: 'DELETE' })).status).toBe(204);
    const rows = () => registry.db.query('SELECT 1 FROM webhooks WHERE space_id IS NULL');
    await expect.poll(rows, timeout).toEqual([]);
    await registry.upload(space, { name: 'first' });
    expect((await webhooks.list()).items).toEqual([]);
  });

  it('a webhook that is deleted is gone with its deliveries', async () => {
    const { space, webhooks } = await openSpace();
    const receiver = await startReceiver();
    const { id } = await webhooks.add({ url: receiver.url, events: ['*'] });
    await registry.upload(space, { name: 'first' });
    await receiver.called(1);
    expect((await webhooks.remove(id)).status).toBe(204);
    for (const path of [id, `${id}/deliveries`, 'x']) {
      const response = await registry.api(`${webhooks.root}/${path}`);
      expect([response.status, (await errorOf(response)).code]).toEqual([404, 'webhook.notFound']);
    }
    const rows = () =>
      registry.db.query(
        'SELECT id FROM deliveries WHERE webhook_id = $1 UNION ALL SELECT id FROM webhooks WHERE id = $1',
        [id],
      );
    await expect.poll(rows, timeout).toEqual([]);
  });

  let refusing: ReturnType<typeof openSpace> | undefined;
  it.each([
    [{ events: ['*'] }, '/url'],
    [{ url: 'ftp://example.org', events: ['*'] }, '/url'],
    [{ url: 'http://192.168.0.1/', events: ['*'] }, '/url'],
    [{ url: 'http://localhost.:1/', events: ['*'] }, undefined],
    [{ url: 'http://u:p@example.org', events: ['*'] }, '/url'],
    [{ url: 'https://example.org', events: [] }, '/events'],
    [{ url: 'https://example.org', events: ['*', 'version.publish'] }, '/events/1'],
    [{ url: 'https://example.org', events: ['*'], charts: ['a/b'] }, '/charts'],
    [{ url: 'https://example.org', events: ['*'], secret: 'word' }, '/secret'],
    [{ url: 'https://example.org', events: ['*'], description: 'x'.repeat(201) }, '/description'],
    [{ url: 'https://example.org', events: ['*'], unknown: 1 }, '/unknown'],
  ])('a webhook is refused when it is %j', async (settings, pointer) => {
    // A space takes a second until its first event is gone.
    refusing ??= openSpace();
    const { webhooks } = await refusing;
    const response = await sendJson(registry, 'POST', webhooks.root, settings);
    if (pointer === undefined) {
      expect(response.status).toBe(201);
      return;
    }
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    expect(error.details?.pointer).toBe(pointer);
    if (pointer === '/events/1') expect(error.message).toContain('version.published');
  });

  it('a space has a bound on its webhooks, also when many are created at once', async () => {
    const bounded = await startRegistry({ webhookLimit: 3 }, { worker: false });
    onTestFinished(() => bounded.close());
    await bounded.upload('lib', { name: 'web' });
    const settings = { url: 'https://example.org/', events: ['*'] };
    const statuses = await Promise.all(
      Array.from(
        { length: 8 },
        async () => (await sendJson(bounded, 'POST', '/spaces/lib/webhooks', settings)).status,
      ),
    );
    expect(statuses.filter((status) => status === 201)).toHaveLength(3);
    expect(statuses.filter((status) => status === 409)).toHaveLength(5);
  });
});
