import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { findFreePort } from '../../core/db/embedded/free-port.ts';

export interface TestRedis {
  url: string;
  stop(): Promise<void>;
}

/** Whether tests can have a Redis: one that REDIS_URL names, or one to start. */
export function hasRedis(): boolean {
  return process.env.REDIS_URL !== undefined || spawnSync('redis-server', ['--version']).status === 0;
}

/** The Redis that REDIS_URL names, or a new one on a port of loopback that keeps nothing. */
export async function startRedis(): Promise<TestRedis> {
  const given = process.env.REDIS_URL;
  if (given !== undefined) return { url: given, stop: async () => undefined };
  const port = await findFreePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  for await (const line of createInterface({ input: server.stdout })) {
    if (line.includes('Ready to accept connections')) break;
  }
  server.stdout.resume();
  return {
    url: `redis://127.0.0.1:${port}`,
    stop() {
      server.kill('SIGTERM');
      return exited;
    },
  };
}
