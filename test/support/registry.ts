import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApi } from '../../api/main.ts';
import { defaultConfig } from '../../core/config/load.ts';
import type { Config } from '../../core/config/settings.ts';
import { type Context, createContext } from '../../core/context.ts';
import { createLog } from '../../core/log.ts';
import { startWorker } from '../../worker/main.ts';
import { packChart, type TestChart } from './charts.ts';
import { createTestDatabase } from './postgres.ts';

/** A registry that runs: real PostgreSQL, real queue, real HTTP. */
export interface TestRegistry {
  url: string;
  /** The API below `/api/v1`. */
  api(path: string, init?: RequestInit): Promise<Response>;
  /** Uploads an archive, or a chart that is packed first. */
  upload(space: string, chart: TestChart | Buffer): Promise<Response>;
  /** Sends a recipe; waits for its end unless the headers say otherwise. */
  orchestrate(space: string, recipe: unknown, headers?: Record<string, string>): Promise<Response>;
  context: Context;
  /** Folder of blobs and uploads. */
  dataDir: string;
  startWorker(): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

/** Starts an API, and a worker unless it is left out, on a database of its own. */
export async function startRegistry(
  overrides: Partial<Config> = {},
  options: { worker?: boolean } = {},
): Promise<TestRegistry> {
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
  const context = await createContext(config, createLog(config.logLevel), { migrate: true, name: 'test' });
  const server = await startApi(context);
  const workers: { close(): Promise<void> }[] = [];
  const api = (path: string, init?: RequestInit) => fetch(`${server.url}/api/v1${path}`, init);
  const registry: TestRegistry = {
    url: server.url,
    api,
    context,
    dataDir,
    async upload(space, chart) {
      const form = new FormData();
      form.set('chartfile', new Blob([Buffer.isBuffer(chart) ? chart : await packChart(chart)]), 'chart.tgz');
      return api(`/spaces/${space}/charts`, { method: 'POST', body: form });
    },
    orchestrate: (space, recipe, headers = { Prefer: 'wait=30' }) =>
      api(`/spaces/${space}/charts`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: typeof recipe === 'string' ? recipe : JSON.stringify(recipe),
      }),
    async startWorker() {
      const worker = await startWorker(context);
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
