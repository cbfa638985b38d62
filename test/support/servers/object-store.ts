import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../../core/db/embedded/free-port.ts';
import { createServerProgram, isAvailable, type ServerCommand, type ServerProgram } from './program.ts';

/** Address and keys of an S3 server. */
export interface ObjectStoreAddress {
  /** `http://127.0.0.1:port` */
  endpoint: string;
  accessKey: string;
  secretKey: string;
}

/** S3 server of a test. */
export interface TestObjectStore extends ObjectStoreAddress, ServerProgram {
  /** Ends the server and removes its data. */
  dispose(): Promise<void>;
}

const accessKey = 'test-access-key';
const secretKey = 'test-secret-key';

/** Tells whether tests can start a MinIO. */
export function hasMinio(): boolean {
  return isAvailable('minio', ['--version']);
}

/** Tells whether tests can copy buckets by MinIO's client. Midnight Commander is a program of that name too. */
export function hasMinioClient(): boolean {
  if (process.env.CI === 'true') return true;
  return spawnSync('mc', ['--version'], { encoding: 'utf8' }).stdout?.startsWith('mc version') ?? false;
}

/** Returns the S3 server of S3_ENDPOINT, S3_ACCESS_KEY and S3_SECRET_KEY, if all are set. */
export function configuredStore(): ObjectStoreAddress | undefined {
  const { S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY } = process.env;
  if (!S3_ENDPOINT || !S3_ACCESS_KEY || !S3_SECRET_KEY) return undefined;
  return { endpoint: S3_ENDPOINT, accessKey: S3_ACCESS_KEY, secretKey: S3_SECRET_KEY };
}

/** Starts a MinIO on a port of loopback, without a bucket. */
export function startMinio(keys = { accessKey, secretKey }): Promise<TestObjectStore> {
  return startStore(
    async (folder, port) => ({
      command: 'minio',
      args: [
        'server',
        '--address',
        `127.0.0.1:${port}`,
        '--console-address',
        `127.0.0.1:${await findFreePort()}`,
        folder,
      ],
      env: { MINIO_ROOT_USER: keys.accessKey, MINIO_ROOT_PASSWORD: keys.secretKey, MINIO_BROWSER: 'off' },
      port,
      ready: /^API: http/,
    }),
    keys,
  );
}

/** Tells whether tests can start a versitygw. */
export function hasVersitygw(): boolean {
  return isAvailable('versitygw', ['--version']);
}

/** Starts a versitygw on a port of loopback, without a bucket. versitygw is an S3 server on a folder. */
export function startVersitygw(): Promise<TestObjectStore> {
  return startStore(async (folder, port) => ({
    command: 'versitygw',
    args: ['--access', accessKey, '--secret', secretKey, '--port', `127.0.0.1:${port}`, 'posix', folder],
    port,
    ready: /http:\/\/127/,
  }));
}

async function startStore(
  describe: (folder: string, port: number) => Promise<ServerCommand>,
  keys = { accessKey, secretKey },
): Promise<TestObjectStore> {
  const folder = await mkdtemp(join(tmpdir(), 'helm-registry-store-'));
  const port = await findFreePort();
  const server = createServerProgram(await describe(folder, port));
  await server.start();
  return {
    ...server,
    endpoint: `http://127.0.0.1:${port}`,
    ...keys,
    async dispose() {
      await server.end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
