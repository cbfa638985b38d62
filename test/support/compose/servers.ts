import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findFreePort } from '../../../core/db/embedded/free-port.ts';
import { configuredStore, type ObjectStoreAddress, startMinio } from '../servers/object-store.ts';
import { createServerProgram } from '../servers/program.ts';
import { readCompose, serviceOf } from './compose-file.ts';

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string;
    objectStore: ObjectStoreAddress;
  }
}

/**
 * Starts Redis and MinIO of docker-compose.yml for a test run. REDIS_URL and S3_ENDPOINT may name others. PostgreSQL
 * is the one of the global setup.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'helm-registry-compose-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const end = async () => {
    for (const close of ends.reverse()) await close();
  };
  try {
    const redis = await useComposeRedis(folder);
    ends.push(redis.dispose);
    const store = await useComposeStore();
    ends.push(store.dispose);
    project.provide('redisUrl', redis.url);
    project.provide('objectStore', store.address);
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

async function useComposeRedis(folder: string) {
  const redisUrl = process.env.REDIS_URL;
  if (redisUrl) return { url: redisUrl, dispose: async () => undefined };
  const { command, environment } = serviceOf(await readCompose(), 'redis');
  const port = await findFreePort();
  const [shell = '', ...words] = command;
  const program = `redis-server - --port ${port} --bind 127.0.0.1 --dir ${folder}`;
  const redis = createServerProgram({
    command: shell,
    args: words.map((word) => word.replace('redis-server -', program)),
    env: environment,
    port,
    ready: /Ready to accept connections/,
  });
  await redis.start();
  const url = `redis://:${environment.REDISCLI_AUTH}@127.0.0.1:${port}`;
  return { url, dispose: () => redis.end('SIGKILL') };
}

async function useComposeStore() {
  const configured = configuredStore();
  if (configured) return { address: configured, dispose: async () => undefined };
  const { environment } = serviceOf(await readCompose(), 'minio');
  const { endpoint, accessKey, secretKey, dispose } = await startMinio({
    accessKey: environment.MINIO_ROOT_USER ?? '',
    secretKey: environment.MINIO_ROOT_PASSWORD ?? '',
  });
  return { address: { endpoint, accessKey, secretKey }, dispose };
}
