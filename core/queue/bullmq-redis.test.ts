import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
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
    it('carries on with what comes after it was flushed', async () => {
      const redis = await useRedis();
      const queue = createRedisQueue({ ...quick, url: redis.url, onError: () => undefined });
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
      await queue.enqueue('orchestrations', [after, id]);
      await expect.poll(() => arrived).toEqual([after, id]);
      await consumer.close();
      await queue.close();
      await redis.dispose();
    });

    it('hands out again what is scheduled once it is asked after a flush', async () => {
      const redis = await useRedis();
      const queue = createRedisQueue({ ...quick, url: redis.url, onError: () => undefined });
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
      await queue.close();
      await redis.dispose();
    });

    it('is not used on another database than the one it was told', async () => {
      const redis = await useRedis();
      const url = new URL(redis.url);
      url.pathname = '/9999';
      const queue = createRedisQueue({ ...quick, url: url.href, onError: () => undefined });
      await expect(queue.ping()).rejects.toThrow('out of range');
      await queue.close();
      await redis.dispose();
    });
  });
} else {
  describe.skip('queue on Redis (left out: no redis-server on the PATH, and REDIS_URL is not set)', () => {
    it('is tested where there is a Redis', () => undefined);
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
    it('is another one after a flush and on another server', async () => {
      const servers = [await startRedis(), await startRedis()];
      const queues = servers.map(({ url }) => createRedisQueue({ ...quick, url, onError: () => undefined }));
      const read = () => Promise.all(queues.map((queue) => queue.generation()));
      const before = await read();
      const client = new Redis(servers[0]?.url ?? '');
      await client.flushall();
      client.disconnect();
      const after = await read();
      expect(new Set([...before, ...after]).size).toBe(3);
      expect(after[1]).toBe(before[1]);
      await Promise.all(queues.map((queue) => queue.close()));
      await Promise.all(servers.map((server) => server.dispose()));
    });

    it('cannot be read from a server that hangs, and that is found out meanwhile', async () => {
      const redis = await startRedis();
      const queue = createRedisQueue({ ...quick, url: redis.url, onError: () => undefined });
      await queue.generation();
      redis.pause();
      await expect(queue.generation()).rejects.toThrow();
      redis.resume();
      await expect.poll(() => queue.generation().then(Boolean, () => false)).toBe(true);
      await queue.close();
      await redis.dispose();
    });
  });
}

describe.skipIf(!canStartRedis())('queue on a Redis that takes no writes', () => {
  it('is down until it does again', async () => {
    const redis = await startRedis();
    const queue = createRedisQueue({ ...quick, url: redis.url, onError: () => undefined });
    await queue.ping();
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory', '1');
    await expect(queue.ping()).rejects.toThrow();
    await client.config('SET', 'maxmemory', '0');
    await queue.ping();
    client.disconnect();
    await queue.close();
    await redis.dispose();
  });
});
