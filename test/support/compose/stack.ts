import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { findFreePort } from '../../../core/db/embedded/free-port.ts';
import { outputOf, type Served, whenServing } from '../process.ts';
import { takeDatabase } from '../servers/redis.ts';
import { type TestBucket, useBucket } from './bucket.ts';
import { readCompose, serviceOf } from './compose-file.ts';

/** The registry's services of docker-compose.yml, as processes. */
export interface ComposeStack {
  /** Addresses of the replicas of `api`. */
  urls: string[];
  /** Running processes, with the addresses of their health checks. */
  running: readonly ComposeProcess[];
  bucket: TestBucket;
  /** Folder that stands for the volume `uploads`. */
  volume: string;
  start(service: 'api' | 'worker'): Promise<ComposeProcess>;
  /** Runs the health check of a service against one of its processes. @returns the exit code */
  checkHealth(service: string, url: string): Promise<number>;
  /** Ends all processes and removes their data. @throws unless every process exited with 0 */
  close(): Promise<void>;
}

/** Process of a service. */
export interface ComposeProcess extends Served {
  service: string;
  /** Address that answers `/readyz`. */
  healthUrl: string;
}

/** Size and environment of a stack of docker-compose.yml. */
export interface ComposeStackOptions {
  databaseUrl: string;
  /** Whether `migrate` is run first; otherwise the database must be ready. */
  migrate: boolean;
  apis: number;
  workers: number;
  /** Overrides the environment of the file. */
  environment?: Record<string, string>;
}

/** Starts the services with the commands and the environment of file and image. Each has a free port. */
export async function startComposeStack(options: ComposeStackOptions): Promise<ComposeStack> {
  const file = await readCompose();
  const image = inject('image');
  const volume = await mkdtemp(join(tmpdir(), 'registry-volume-'));
  const bucket = useBucket(inject('objectStore'));
  // Addresses and folders in place of Compose's network and volumes.
  const places = {
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: await takeDatabase(inject('redisUrl')),
    S3_ENDPOINT: bucket.endpoint,
    S3_ACCESS_KEY: bucket.accessKey,
    S3_SECRET_KEY: bucket.secretKey,
    S3_BUCKET: bucket.name,
    DATA_DIR: volume,
    // The servers of the tests have the example passwords.
    TRIAL: 'true',
    ACCESS: 'open',
    ...options.environment,
  };
  const running: ComposeProcess[] = [];
  const children: ChildProcess[] = [];
  // No process outlives the tests, even if a test timed out during the start.
  const kill = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  process.once('exit', kill);

  function run(service: string, overrides: Record<string, string> = {}): ChildProcess {
    const { command, environment } = serviceOf(file, service);
    const [program, ...args] = [...image.entrypoint, ...command];
    const child = spawn(program === 'node' ? process.execPath : String(program), args, {
      cwd: image.folder,
      env: { PATH: process.env.PATH, ...image.environment, ...environment, ...places, ...overrides },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  }

  async function start(service: 'api' | 'worker'): Promise<ComposeProcess> {
    // An `api` tells the port that it gets. A worker does not: another process may take the port that is found for it.
    const isApi = service === 'api';
    const address = `127.0.0.1:${isApi ? 0 : await findFreePort()}`;
    const served = await whenServing(
      run(service, { [isApi ? 'LISTEN' : 'WORKER_LISTEN']: address }),
      service,
    );
    const started = { ...served, service, healthUrl: isApi ? served.url : `http://${address}` };
    running.push(started);
    return started;
  }

  if (options.migrate) {
    const { code, stderr } = await outputOf(run('migrate'));
    if (code !== 0) throw new Error(`migrate ended with ${code}: ${stderr}`);
  } else await bucket.make();
  const [apis] = await Promise.all([
    Promise.all(Array.from({ length: options.apis }, () => start('api'))),
    Promise.all(Array.from({ length: options.workers }, () => start('worker'))),
  ]);
  return {
    urls: apis.map(({ url }) => url),
    running,
    bucket,
    volume,
    start,
    async checkHealth(service, url) {
      const [, program = '', ...args] = serviceOf(file, service).healthcheck?.test ?? [];
      const checkArgs = args.map((arg) => arg.replace('http://127.0.0.1:8099', url));
      const { code } = await outputOf(spawn(program === 'node' ? process.execPath : program, checkArgs));
      return code;
    },
    async close() {
      const codes = await Promise.all(running.map(({ process, end }) => process.exitCode ?? end('SIGTERM')));
      process.off('exit', kill);
      await Promise.all([bucket.remove(), rm(volume, { recursive: true, force: true })]);
      if (codes.some((code) => code !== 0)) throw new Error(`a process ended with ${codes.join(', ')}`);
    },
  };
}
