import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
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
    onTestFinished(() => listener.close());
  });

  const notify = (channel: string, payload: string) =>
    database.db.query('SELECT pg_notify($1, $2)', [channel, payload]);
  const disconnect = () =>
    database.db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'listener' AND datname = current_database()`,
    );

  it('notifies every subscriber of a channel, and no other', async () => {
    const received: unknown[] = [];
    await listener.subscribe('jobs', (payload) => received.push(['first', payload]));
    await listener.subscribe('jobs', (payload) => received.push(['second', payload]));
    await listener.subscribe('Other "one"', (payload) => received.push(['other', payload]));
    await notify('jobs', '17');
    await notify('Other "one"', '18');
    await expect
      .poll(() => received)
      .toEqual([
        ['first', '17'],
        ['second', '17'],
        ['other', '18'],
      ]);
  });

  it('stops notifying a subscriber that has unsubscribed', async () => {
    const received: unknown[] = [];
    const stop = await listener.subscribe('jobs', (payload) => received.push(['stopped', payload]));
    await listener.subscribe('jobs', (payload) => received.push(['stays', payload]));
    stop();
    stop();
    await notify('jobs', 'a');
    await expect.poll(() => received).toEqual([['stays', 'a']]);
  });

  it('subscribes again to a channel that had lost all subscribers', async () => {
    const received: unknown[] = [];
    (await listener.subscribe('jobs', () => undefined))();
    await listener.subscribe('jobs', (payload) => received.push(payload));
    await notify('jobs', 'again');
    await expect.poll(() => received).toEqual(['again']);
  });

  it('reconnects a lost listener, and signals that notifications may have been missed', async () => {
    const received: unknown[] = [];
    await listener.subscribe('jobs', (payload) => received.push(payload));
    await disconnect();
    await expect.poll(() => received).toEqual([undefined]);
    expect(errors.length).toBeGreaterThan(0);
    await notify('jobs', 'after');
    await expect.poll(() => received).toEqual([undefined, 'after']);
  });

  it('fails to create a listener without a server', async () => {
    const url = new URL(database.url);
    url.port = '1';
    await expect(
      createListener({ url: url.href, applicationName: 'none', onError: () => undefined }),
    ).rejects.toThrow('ECONNREFUSED');
  });
});
