import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createClient } from './support/client.ts';
import { findCommands, readDocument } from './support/documents.ts';
import { builtProgram, inheritedEnvironment } from './support/environment.ts';
import { runCli, type Served, serve, whenServing } from './support/process.ts';
import { startReceiver } from './support/receiver.ts';
import { hasMinio, hasMinioClient, startMinio } from './support/servers/object-store.ts';
import { startPostgres } from './support/servers/postgres.ts';
import { createWebhooks } from './support/webhooks.ts';

// The commands of docs/operations.md that back up, restore, hold and resume, as they stand there. PostgreSQL is Debian's 15,
// the oldest that works, with its own pg_dump.

const programs = '/usr/lib/postgresql/15/bin';
const lacksPostgres15 =
  process.env.CI !== 'true' && spawnSync(join(programs, 'postgres'), ['--version']).status !== 0;
const slowMs = 240_000;

let page: string;
let home: string;
beforeAll(async () => {
  page = await readDocument('docs/operations.md');
  home = await mkdtemp(join(tmpdir(), 'helm-registry-backup-'));
  const program = join(home, 'helm-registry');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${builtProgram()}' "$@"\n`);
  await chmod(program, 0o755);
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Runs commands of the page in a folder. @returns what they print */
async function runCommands(name: string, cwd: string, environment: Record<string, string>): Promise<string> {
  const env = {
    ...inheritedEnvironment(),
    ...environment,
    PATH: `${home}:${programs}:${process.env.PATH}`,
  };
  const { stdout } = await promisify(execFile)('sh', ['-ec', findCommands(page, name)], { cwd, env });
  return stdout;
}

/** Starts `serve`, and keeps its log. */
async function serveWithLog(
  environment: Record<string, string>,
): Promise<{ served: Served; log: () => string }> {
  let text = '';
  const child = runCli(['serve'], { LISTEN: '127.0.0.1:0', LOG_LEVEL: 'info', ...environment });
  child.stdout?.on('data', (chunk) => (text += chunk));
  return { served: await whenServing(child, 'serve'), log: () => text };
}

async function makeFolder(name: string): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  return folder;
}

const indexOf = async (url: string, space: string) => (await fetch(`${url}/${space}/index.yaml`)).text();

/** Place of the archives of a registry, by environment; its parts of the page are named for it. */
interface Store {
  original: Record<string, string>;
  copy: Record<string, string>;
  /** Environment of the commands that copy the original. */
  backup?: Record<string, string>;
  /** Environment of the commands that make the copy. */
  restore?: Record<string, string>;
}

/** Backs a registry up while people upload, and restores it by the commands of the page for a kind of store. */
async function checkRestoredCopy(kind: 'processes' | 'bucket', folder: string, store: Store): Promise<void> {
  const postgres = await startPostgres(
    {},
    {
      initdb: join(programs, 'initdb'),
      postgres: join(programs, 'postgres'),
    },
  );
  onTestFinished(() => postgres.dispose());
  const copyUrl = await createDatabase(postgres.url, 'copy');
  const original = { DATABASE_URL: postgres.url, DATA_DIR: join(folder, 'original'), ...store.original };
  const shared = { WEBHOOK_ALLOW: '127.0.0.0/8', API_SOURCES: '0' };
  const receiver = await startReceiver();

  // Without a worker jobs and deliveries wait, as they do in any registry at any moment.
  await runCommandLine('migrate', original);
  const api = await serve({ ...original, ...shared }, 'api');
  onTestFinished(() => stop(api));
  const client = createClient([api.url]);
  for (const version of ['1.0.0', '1.1.0']) await client.upload('lib', { name: 'web', version });
  const webhook = await createWebhooks(client, 'lib').add({ url: receiver.url, events: ['job.succeeded'] });
  await createWebhooks(client, 'lib').test(webhook.id);
  const accepted = await client.orchestrate('lib', recipe, {});
  expect(accepted.status).toBe(202);
  const job = accepted.headers.get('location') ?? '';

  const load = startUploads(client);
  await load.uploaded(5);
  await runCommands(`backup-${kind}`, folder, { ...original, ...store.backup });
  await load.uploaded(5);
  const total = await load.stop();
  expect(total).toBeGreaterThan(10);

  const copy = { DATABASE_URL: copyUrl, DATA_DIR: join(folder, 'copy'), ...store.copy };
  const restored = await runCommands(`restore-${kind}`, folder, { ...copy, ...store.restore });
  expect(restored).toMatch(/^held: 1 jobs, 1 deliveries/m);
  expect(restored).toMatch(/: nothing is wrong$/m);

  const { served, log } = await serveWithLog({ ...copy, ...shared });
  onTestFinished(() => stop(served));
  expect(await indexOf(served.url, 'lib')).toBe(await indexOf(api.url, 'lib'));
  const kept = [...(await indexOf(served.url, 'load')).matchAll(/load-\d+\.0\.0\.tgz/g)].length;
  expect(kept).toBeGreaterThanOrEqual(5);
  expect(kept).toBeLessThan(total);
  await expect.poll(log).toContain('the registry is held');
  const stateOf = async () => (await fetch(`${served.url}${job}`)).json();
  expect(await stateOf()).toMatchObject({ state: 'queued' });
  expect(receiver.calls).toEqual([]);

  const resumed = await runCommands('resume', folder, copy);
  expect(resumed).toMatch(/would begin 1 jobs, 1 deliveries.*\nresumed: workers begin 1 jobs/);
  const calls = await receiver.called(2);
  expect(calls.map(({ type }) => type).sort()).toEqual(['job.succeeded', 'webhook.test']);
  expect(await stateOf()).toMatchObject({ state: 'succeeded' });
  // The original knows nothing of it.
  expect(await (await fetch(`${api.url}${job}`)).json()).toMatchObject({ state: 'queued' });
}

it.skipIf(lacksPostgres15)(
  'a registry that is dumped while people upload is restored whole, and does nothing of the original by itself (needs PostgreSQL 15)',
  { timeout: slowMs },
  async () => checkRestoredCopy('processes', await makeFolder('processes'), { original: {}, copy: {} }),
);

it.skipIf(lacksPostgres15 || !hasMinio() || !hasMinioClient())(
  'a registry with a bucket is restored whole into another bucket (needs PostgreSQL 15, minio and its client mc)',
  { timeout: slowMs },
  async () => {
    const folder = await makeFolder('bucket');
    const stores = [await startMinio(), await startMinio()];
    for (const store of stores) onTestFinished(() => store.dispose());
    const [original, copy] = stores.map(({ endpoint, accessKey, secretKey }) => ({
      bucket: {
        ...{ S3_ENDPOINT: endpoint, S3_BUCKET: 'charts' },
        ...{ S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey },
      },
      client: {
        MC_HOST_store: endpoint.replace('://', `://${accessKey}:${secretKey}@`),
        MC_CONFIG_DIR: join(folder, 'mc'),
      },
    }));
    if (!original || !copy) throw new Error('two stores were started');
    await checkRestoredCopy('bucket', folder, {
      original: original.bucket,
      copy: copy.bucket,
      backup: original.client,
      restore: copy.client,
    });
  },
);

it('the folder of an embedded registry is a backup, and its copy waits until it resumes', {
  timeout: slowMs,
}, async () => {
  const folder = await makeFolder('embedded');
  const data = { DATA_DIR: join(folder, 'data') };
  const first = await serve(data);
  for (const version of ['1.0.0', '1.1.0'])
    await createClient([first.url]).upload('lib', { name: 'web', version });
  const index = await indexOf(first.url, 'lib');
  await stop(first);

  await runCommands('backup-embedded', folder, {});
  const restored = await runCommands('restore-embedded', folder, {});
  expect(restored).toMatch(/^held: 0 jobs[\s\S]*2 versions.*nothing is wrong$/m);

  const copy = { DATA_DIR: join(folder, 'restored') };
  const held = await serveWithLog(copy);
  await expect.poll(held.log).toContain('the registry is held');
  expect(await indexOf(held.served.url, 'lib')).toBe(index);
  await stop(held.served);
  expect(await runCommands('resume', folder, copy)).toMatch(/^resumed: /m);
});

const recipe = {
  save: { chart: 'shop', version: '1.0.0', description: 'composed' },
  configs: { web: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } } },
};

async function runCommandLine(command: string, environment: Record<string, string>): Promise<void> {
  const env = { ...inheritedEnvironment(), ...environment };
  await promisify(execFile)(join(home, 'helm-registry'), [command], { env });
}

async function stop(served: Served): Promise<void> {
  if (served.process.exitCode === null && served.process.signalCode === null) await served.end('SIGTERM');
}

/** Creates a database on a server. @returns its URL */
async function createDatabase(server: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = name;
  return url.href;
}

/** Uploads one version after another, until it is stopped. */
function startUploads(client: ReturnType<typeof createClient>) {
  let total = 0;
  let stopped = false;
  const waiting: { until: number; resolve: () => void }[] = [];
  const running = (async () => {
    while (!stopped) {
      const uploaded = await client.upload('load', { name: 'load', version: `${total}.0.0` });
      expect(uploaded.status).toBe(201);
      total += 1;
      for (const { until, resolve } of waiting) if (total >= until) resolve();
    }
  })();
  return {
    /** Waits for so many further uploads. */
    uploaded: (count: number) =>
      Promise.race([
        new Promise<void>((resolve) => void waiting.push({ until: total + count, resolve })),
        running,
      ]),
    async stop() {
      stopped = true;
      await running;
      return total;
    },
  };
}
