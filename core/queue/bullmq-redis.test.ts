import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { quick } from '../../test/suites/queue/setup.ts';
import { describeQueue } from '../../test/suites/queue.ts';
import { describeRestart } from '../../test/suites/queue-restart.ts';
import { canStartRedis, hasRedis, startRedis, useRedis } from '../../test/support/servers/redis.ts';
import { createRedisQueue } from './bullmq-redis.ts';

if (hasRedis()) {
  describeQueue('Redis', async () => {
    const redis = await useRedis();
    return {
      kind: 'redis',
      url: redis.url,
      open: (url, options) => createRedisQueue({ ...options, url }),
      dispose: () => redis.dispose(),
    };
  });

  describe('queue on Redis', () => {
    it('delivers on Redis the ids that are enqueued after a flush', async () => {
      const redis = await useRedis();
      onTestFinished(() => redis.dispose());
      const queue = createRedisQueue({ ...quick, url: redis.url, onError: () => undefined });
      onTestFinished(() => queue.close());
      const [id, after] = [randomUUID(), randomUUID()];
      const arrived: string[] = [];
      await queue.enqueue('orchestrations', [id]);
      const client = new Redis(redis.url);
      await client.flushdb();
      client.disconnect();
      const consumer = await queue.consume(
        'orchestrations',
        1,
        async (arrival) => void arrived.push(arrival.id),
      );
      onTestFinished(() => consumer.close());
      await queue.enqueue('orchestrations', [after, id]);
      await expect.poll(() => arrived).toEqual([after, id]);
    });

    it('repeats a schedule on Redis that is set again after a flush', async () => {
      const redis = await useRedis();
      onTestFinished(() => redis.dispose());
      const queue = createRedisQueue({ ...quick, url: redis.url, onError: () => undefined });
      onTestFinished(() => queue.close());
      const arrived: string[] = [];
      await queue.consume('upkeep', 1, async ({ id }) => void arrived.push(id));
      await queue.schedule('upkeep', 200);
      await expect.poll(() => arrived).not.toEqual([]);
      const client = new Redis(redis.url);
      await client.flushdb();
      client.disconnect();
      const before = arrived.length;
      await queue.schedule('upkeep', 200);
      await expect.poll(() => arrived.length).toBeGreaterThan(before + 2);
    });

    it('refuses a Redis database number that does not exist', async () => {
      const redis = await useRedis();
      onTestFinished(() => redis.dispose());
      const url = new URL(redis.url);
      url.pathname = '/9999';
      const queue = createRedisQueue({ ...quick, url: url.href, onError: () => undefined });
      onTestFinished(() => queue.close());
      await expect(queue.ping()).rejects.toThrow('out of range');
    });
  });
} else {
  describe.skip('queue on Redis (left out: no redis-server on the PATH, and REDIS_URL is not set)', () => {
    it('runs the tests of the queue on Redis where there is one', () => undefined);
  });
}

if (canStartRedis()) {
  describeRestart(
    'Redis',
    'nothing',
    async () => {
      const redis = await startRedis();
      return {
        url: redis.url,
        async restart() {
          await redis.end('SIGKILL');
          await redis.start();
        },
        dispose: () => redis.dispose(),
      };
    },
    (url, options) => createRedisQueue({ ...options, url }),
  );

  describe('the generation of a queue on Redis', () => {
    it('changes the generation of a Redis after a flush and on another server', async () => {
      const servers = [await startRedis(), await startRedis()];
      onTestFinished(async () => void (await Promise.all(servers.map((server) => server.dispose()))));
      const queues = servers.map(({ url }) => createRedisQueue({ ...quick, url, onError: () => undefined }));
      onTestFinished(async () => void (await Promise.all(queues.map((queue) => queue.close()))));
      const read = () => Promise.all(queues.map((queue) => queue.generation()));
      const before = await read();
      const client = new Redis(servers[0]?.url ?? '');
      await client.flushall();
      client.disconnect();
      const after = await read();
      expect(new Set([...before, ...after]).size).toBe(3);
      expect(after[1]).toBe(before[1]);
    });

    it('fails to read the generation of a Redis that hangs, until it answers again', async () => {
      const redis = await startRedis();
      onTestFinished(() => redis.dispose());
      const queue = createRedisQueue({ ...quick, url: redis.url, onError: () => undefined });
      onTestFinished(() => queue.close());
      await queue.generation();
      redis.pause();
      await expect(queue.generation()).rejects.toThrow();
      redis.resume();
      await expect.poll(() => queue.generation().then(Boolean, () => false)).toBe(true);
    });
  });
}

describe.skipIf(!canStartRedis())('queue on a Redis that takes no writes', () => {
  it('fails the ping of a full Redis until it accepts writes again', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.dispose());
    const queue = createRedisQueue({ ...quick, url: redis.url, onError: () => undefined });
    onTestFinished(() => queue.close());
    await queue.ping();
    const client = new Redis(redis.url);
    onTestFinished(() => client.disconnect());
    await client.config('SET', 'maxmemory', '1');
    await expect(queue.ping()).rejects.toThrow();
    await client.config('SET', 'maxmemory', '0');
    await queue.ping();
  });
});
