import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { links } from '../../api/links.ts';
import { startApi } from '../../api/main.ts';
import { defaultConfig } from '../../core/config/load.ts';
import type { Config } from '../../core/config/settings.ts';
import { type Context, createContext } from '../../core/context.ts';
import { createLog } from '../../core/runtime/log.ts';
import { defaultIntervals, type WorkerIntervals } from '../../worker/intervals.ts';
import { startJobWorker } from '../../worker/main.ts';
import { createClient } from './client.ts';
import { filesIn } from './files.ts';
import { createTestDatabase } from './postgres.ts';
import type { RegistryOptions, TestRegistry } from './registry.ts';

/** Registry in the process of the tests, for tests that use its internals. */
export interface EmbeddedRegistry extends TestRegistry {
  context: Context;
  /** Folder of blobs and uploads. */
  dataDir: string;
}

/** Intervals of a worker whose tests wait for what it finds: a tenth of those in use. */
const shortIntervals: WorkerIntervals = {
  sweepsMs: 200,
  versionEventsMs: 100,
  followsMs: 100,
  mirrorsMs: 100,
  statesMs: 50,
  retentionMs: 200,
  endedWebhooksMs: 200,
};

/** Starts an API and a worker on a new database and folder. There is no worker if `worker` is false. */
export async function startEmbedded(
  overrides: Partial<Config> = {},
  options: RegistryOptions = {},
): Promise<EmbeddedRegistry> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'registry-'));
  const config = defaultConfig({
    listen: '127.0.0.1:0',
    databaseUrl: database.url,
    dataDir,
    logLevel: 'error',
    webhookAllow: ['127.0.0.0/8'],
    ...overrides,
  });
  const context = await createContext(config, createLog(config.logLevel), {
    migrate: true,
    name: 'test',
    links,
  });
  const server = await startApi(context);
  const workers: { close(): Promise<void> }[] = [];
  const registry: EmbeddedRegistry = {
    ...createClient([server.url]),
    url: server.url,
    urls: [server.url],
    headers: {},
    db: database.db,
    context,
    dataDir,
    blobs: () => filesIn(join(dataDir, 'blobs')),
    drafts: () => filesIn(join(dataDir, 'uploads')),
    memory: async () => [process.memoryUsage().rss],
    async startWorker() {
      const worker = await startJobWorker(context, options.looksOften ? shortIntervals : defaultIntervals);
      workers.push(worker);
      return worker;
    },
    async close() {
      await Promise.all([server.close(), ...workers.map((worker) => worker.close())]);
      await context.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  if (options.worker !== false) await registry.startWorker();
  return registry;
}
