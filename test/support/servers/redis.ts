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
  return Boolean(process.env.REDIS_URL) || canStartRedis();
}

/** Whether tests can have one that they may stop. */
export function canStartRedis(): boolean {
  return isAvailable('redis-server', ['--version']);
}

/** A Redis that is empty and this test file's own: a database of the one that REDIS_URL names, or a new one. */
export async function useRedis(): Promise<TestRedis> {
  const given = process.env.REDIS_URL;
  return given ? { url: await takeDatabase(given), dispose: async () => undefined } : startRedis();
}

/** Takes the next database of a Redis, empties it, and gives its address. Database 0 is left alone, 15 counts. */
export async function takeDatabase(server: string): Promise<string> {
  const url = new URL(server);
  url.pathname = '/15';
  const counter = new Redis(url.href);
  url.pathname = `/${1 + ((await counter.incr('helm-registry-tests')) % 14)}`;
  counter.disconnect();
  const client = new Redis(url.href);
  await client.flushdb();
  client.disconnect();
  return url.href;
}

/** Starts a Redis on a port of loopback that keeps nothing: each start is an empty one. */
export function startRedis(): Promise<TestRedis & ServerProgram> {
  return runRedis(['--save', '', '--appendonly', 'no']);
}

/** Starts a Redis on a port of loopback with arguments of the caller's. */
export async function runRedis(args: string[]): Promise<TestRedis & ServerProgram> {
  const port = await findFreePort();
  const redis = createServerProgram({
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', ...args],
    port,
    ready: /Ready to accept connections/,
  });
  await redis.start();
  return { ...redis, url: `redis://127.0.0.1:${port}`, dispose: () => redis.end('SIGKILL') };
}
