import { Redis } from 'ioredis';
import { findFreePort } from '../../../core/db/embedded/free-port.ts';
import { createServerProgram, isAvailable, type ServerProgram } from './program.ts';

/** A Redis to use. */
export interface TestRedis {
  url: string;
  dispose(): Promise<void>;
}

/** Whether tests can have a Redis: one that REDIS_URL names, or one to start. */
export function hasRedis(): boolean {
  return process.env.REDIS_URL !== undefined || canStartRedis();
}

/** Whether tests can have one that they may stop. */
export function canStartRedis(): boolean {
  return isAvailable('redis-server', ['--version']);
}

/** A Redis that is empty and this test file's own: a database of the one that REDIS_URL names, or a new one. */
export async function useRedis(): Promise<TestRedis> {
  const given = process.env.REDIS_URL;
  if (given === undefined) return startRedis();
  const url = new URL(given);
  url.pathname = `/${process.env.VITEST_POOL_ID ?? 1}`;
  const client = new Redis(url.href);
  await client.flushdb();
  client.disconnect();
  return { url: url.href, dispose: async () => undefined };
}

/** Starts a Redis on a port of loopback that keeps nothing: each start is an empty one. */
export async function startRedis(): Promise<TestRedis & ServerProgram> {
  const port = await findFreePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const redis = createServerProgram({
    command: 'redis-server',
    args: settings,
    port,
    ready: /Ready to accept connections/,
  });
  await redis.start();
  return { ...redis, url: `redis://127.0.0.1:${port}`, dispose: () => redis.end('SIGKILL') };
}
