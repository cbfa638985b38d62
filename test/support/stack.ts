import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cluster, startCluster } from './cluster.ts';
import { startMinio, type TestObjectStore } from './servers/object-store.ts';
import { startPostgres, type TestPostgres } from './servers/postgres.ts';
import type { ServerProgram } from './servers/program.ts';
import { startRedis, type TestRedis } from './servers/redis.ts';

/** Distributed deployment on new servers: PostgreSQL, Redis, MinIO and a cluster of processes. */
export interface Stack {
  postgres: TestPostgres;
  redis: TestRedis & ServerProgram;
  objectStore: TestObjectStore;
  cluster: Cluster;
  /** Environment of every process of the registry. */
  environment: Record<string, string>;
  /** Ends the servers. The caller closes the cluster first, to see how its members ended. */
  dispose(): Promise<void>;
}

/** Size, folder and environment of a stack. */
export interface StackOptions {
  apis: number;
  workers: number;
  /** Folder for logs and data. */
  folder: string;
  /** Environment of every process, added to the addresses of the servers. */
  environment?: Record<string, string>;
}

/**
 * Starts the servers and a cluster on them.
 * @throws when a server's program is not on the PATH, or `migrate` fails; started servers are ended then
 */
export async function startStack({ folder, ...options }: StackOptions): Promise<Stack> {
  await mkdir(folder, { recursive: true });
  const started: Disposable[] = [];
  let members: Pick<Cluster, 'kill'> | undefined;
  // No process outlives a program that exits early.
  const abandon = () => {
    members?.kill();
    for (const server of started) void server.end('SIGKILL');
  };
  process.once('exit', abandon);
  const dispose = async () => {
    process.off('exit', abandon);
    await Promise.all(started.map((server) => server.dispose()));
  };
  const start = async <T extends Disposable>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    started.push(server);
    return server;
  };
  try {
    const postgres = await start(startPostgres());
    const redis = await start(startRedis());
    const objectStore = await start(startMinio());
    const environment = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      S3_ENDPOINT: objectStore.endpoint,
      S3_BUCKET: 'charts',
      S3_ACCESS_KEY: objectStore.accessKey,
      S3_SECRET_KEY: objectStore.secretKey,
      DATA_DIR: join(folder, 'data'),
      ...options.environment,
    };
    const onMembers = (cluster: Pick<Cluster, 'kill'>) => {
      members = cluster;
    };
    const cluster = await startCluster({ ...options, environment, logFolder: folder, onMembers });
    return { postgres, redis, objectStore, cluster, environment, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

type Disposable = Pick<TestPostgres, 'end' | 'dispose'>;

/** Exits on SIGINT and SIGTERM, so that `exit` handlers end the started processes. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
}
