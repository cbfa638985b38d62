import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { createListener } from './listener.ts';
import type { Listener } from './port.ts';

describe('listener', () => {
  let database: TestDatabase;
  let listener: Listener;
  let errors: Error[];

  beforeAll(async () => {
    database = await createTestDatabase('template0');
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    errors = [];
    listener = await createListener({
      url: database.url,
      applicationName: 'listener',
      onError: (error) => errors.push(error),
    });
  });
  afterEach(() => listener.close());

  const notify = (channel: string, payload: string) =>
    database.db.query('SELECT pg_notify($1, $2)', [channel, payload]);
  const disconnect = () =>
    database.db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listener'`,
    );

  it('tells every subscriber of a channel, and no other', async () => {
    const heard: unknown[] = [];
    await listener.subscribe('jobs', (payload) => heard.push(['first', payload]));
    await listener.subscribe('jobs', (payload) => heard.push(['second', payload]));
    await listener.subscribe('Other "one"', (payload) => heard.push(['other', payload]));
    await notify('jobs', '17');
    await notify('Other "one"', '18');
    await expect
      .poll(() => heard)
      .toEqual([
        ['first', '17'],
        ['second', '17'],
        ['other', '18'],
      ]);
  });

  it('stops telling who has unsubscribed', async () => {
    const heard: unknown[] = [];
    const stop = await listener.subscribe('jobs', (payload) => heard.push(['stopped', payload]));
    await listener.subscribe('jobs', (payload) => heard.push(['stays', payload]));
    stop();
    stop();
    await notify('jobs', 'a');
    await expect.poll(() => heard).toEqual([['stays', 'a']]);
  });

  it('hears a channel again that everybody had left', async () => {
    const heard: unknown[] = [];
    (await listener.subscribe('jobs', () => undefined))();
    await listener.subscribe('jobs', (payload) => heard.push(payload));
    await notify('jobs', 'again');
    await expect.poll(() => heard).toEqual(['again']);
  });

  it('comes back after the connection was lost, and says that something may have been missed', async () => {
    const heard: unknown[] = [];
    await listener.subscribe('jobs', (payload) => heard.push(payload));
    await disconnect();
    await expect.poll(() => heard).toEqual([undefined]);
    expect(errors.length).toBeGreaterThan(0);
    await notify('jobs', 'after');
    await expect.poll(() => heard).toEqual([undefined, 'after']);
  });

  it('fails to start without a server', async () => {
    const url = new URL(database.url);
    url.port = '1';
    await expect(
      createListener({ url: url.href, applicationName: 'none', onError: () => undefined }),
    ).rejects.toThrow('ECONNREFUSED');
  });
});
