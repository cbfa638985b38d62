import { Redis } from 'ioredis';
import { findFreePort } from '../../../core/db/embedded/free-port.ts';
import { createServerProgram, isAvailable, type ServerProgram } from './program.ts';

/** Redis of a test. */
export interface TestRedis {
  url: string;
  dispose(): Promise<void>;
}

/** Tells whether tests can use a Redis: that of REDIS_URL, or a new one. */
export function hasRedis(): boolean {
  return Boolean(process.env.REDIS_URL) || canStartRedis();
}

/** Tells whether tests can start a Redis, which they may stop. */
export function canStartRedis(): boolean {
  return isAvailable('redis-server', ['--version']);
}

/** Opens an empty Redis for one test file. The database is one of the server of REDIS_URL, or a new server. */
export async function useRedis(): Promise<TestRedis> {
  const server = process.env.REDIS_URL;
  return server ? { url: await takeDatabase(server), dispose: async () => undefined } : startRedis();
}

/** Empties the next database (1 to 14) of a Redis. Database 15 has the counter. @returns the address of the database */
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

/** Starts a Redis without persistence on a port of loopback; each start is empty. */
export function startRedis(): Promise<TestRedis & ServerProgram> {
  return runRedis(['--save', '', '--appendonly', 'no']);
}

/** Starts a Redis on a port of loopback with the given arguments. */
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
