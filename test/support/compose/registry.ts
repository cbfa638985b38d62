import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../../../core/config/settings.ts';
import { createClient } from '../client.ts';
import { environmentOf } from '../environment.ts';
import { filesIn } from '../files.ts';
import { createPrincipals } from '../guarded.ts';
import { createTestDatabase } from '../postgres.ts';
import type { RegistryOptions, TestRegistry } from '../registry.ts';
import { startComposeStack } from './stack.ts';

/** Starts two `api` and `worker`s of docker-compose.yml on a new database and bucket. */
export async function startComposed(
  overrides: Partial<Config>,
  options: RegistryOptions,
): Promise<TestRegistry> {
  const database = await createTestDatabase();
  const stack = await startComposeStack({
    databaseUrl: database.url,
    // The database is cloned from a migrated one, so `migrate` would only cost a second.
    migrate: false,
    apis: 2,
    // Each process costs a second of processor time, and an `api` composes, too.
    workers: options.worker === false ? 0 : (options.workers ?? 1),
    environment: environmentOf({
      access: 'guarded',
      webhookAllow: ['127.0.0.0/8'],
      // An `api` composes too, so a test without a worker has none that does.
      ...(options.worker === false ? { apiSources: 0 } : {}),
      ...overrides,
    }),
  });
  const principals = createPrincipals(database.db, stack.urls);
  const { text } = await principals.addToken(await principals.addUser('interface-tests', 'admin'));
  return {
    ...createClient(stack.urls, `Bearer ${text}`),
    headers: { Authorization: `Bearer ${text}` },
    login: { user: 'interface-tests', password: text },
    url: stack.urls[0] ?? '',
    urls: stack.urls,
    db: database.db,
    blobs: () => stack.bucket.list(),
    drafts: () => filesIn(join(stack.volume, 'uploads')),
    memory: () =>
      Promise.all(
        stack.running
          .filter(({ service }) => service === 'api')
          .map(({ process }) => residentBytes(process.pid)),
      ),
    async startWorker() {
      const worker = await stack.start('worker');
      return {
        async close() {
          await worker.end('SIGTERM');
        },
      };
    },
    async close() {
      await stack.close();
      await database.drop();
    },
  };
}

async function residentBytes(pid: number | undefined): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) * 1024;
}
