import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { startMinio, type TestObjectStore } from '../support/servers/object-store.ts';
import { startPostgres, type TestPostgres } from '../support/servers/postgres.ts';
import type { ServerProgram } from '../support/servers/program.ts';
import { startRedis, type TestRedis } from '../support/servers/redis.ts';

/** The grown-up deployment, every server of it this program's own. */
export interface Stack {
  postgres: TestPostgres;
  redis: TestRedis & ServerProgram;
  objectStore: TestObjectStore;
  cluster: Cluster;
  /** What every process of the registry is told. */
  environment: Record<string, string>;
  /** Ends the servers; the cluster is closed by whoever wants to know how it ended. */
  dispose(): Promise<void>;
}

export interface StackOptions {
  apis: number;
  workers: number;
  /** Of logs and of what waits on a disk. */
  folder: string;
  /** Told to every process, beside where the servers are. */
  environment?: Record<string, string>;
  built?: boolean;
}

export async function startStack({ folder, ...options }: StackOptions): Promise<Stack> {
  await mkdir(folder, { recursive: true });
  const [postgres, redis, objectStore] = await Promise.all([startPostgres(), startRedis(), startMinio()]);
  const dispose = async () => {
    await Promise.all([postgres.dispose(), redis.dispose(), objectStore.dispose()]);
  };
  const environment = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    S3_ENDPOINT: objectStore.endpoint,
    S3_BUCKET: 'charts',
    S3_ACCESS_KEY: objectStore.accessKey,
    S3_SECRET_KEY: objectStore.secretKey,
    DATA_DIR: join(folder, 'data'),
    LOG_LEVEL: 'info',
    ...options.environment,
  };
  try {
    const cluster = await startCluster({ ...options, environment, logFolder: folder });
    return { postgres, redis, objectStore, cluster, environment, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
