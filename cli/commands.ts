import { startApi } from '../api/main.ts';
import { loadConfig } from '../core/config/load.ts';
import type { Config } from '../core/config/settings.ts';
import { createContext } from '../core/context.ts';
import { createLog } from '../core/log.ts';
import { StartError } from '../core/start-error.ts';
import { startWorker } from '../worker/main.ts';
import { runUntilSignal } from './signals.ts';

/** API and one worker in one process. */
async function runServe(file?: string): Promise<void> {
  const config = await loadConfig(process.env, file);
  await runUntilSignal(createLog(config.logLevel), (log) => startServe(config, log));
}

/** Starts both halves on one context; used by `serve` and by the demo. */
export async function startServe(config: Config, log: ReturnType<typeof createLog>) {
  const context = await createContext(config, log, { migrate: true, name: 'helm-registry serve' });
  try {
    const api = await startApi(context);
    const worker = await startWorker(context);
    return {
      url: api.url,
      async close() {
        // What waits for a job is waited for as long as the worker still works.
        await Promise.all([api.close(), worker.close()]);
        await context.close();
      },
    };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** The interface only. */
async function runApi(file?: string): Promise<void> {
  const config = await loadShared('api', file);
  await runUntilSignal(createLog(config.logLevel), async (log) => {
    const context = await createContext(config, log, { migrate: false, name: 'helm-registry api' });
    const api = await startApi(context).catch(async (error: unknown) => {
      await context.close();
      throw error;
    });
    return {
      async close() {
        await api.close();
        await context.close();
      },
    };
  });
}

/** The queue only. */
async function runWorker(file?: string): Promise<void> {
  const config = await loadShared('worker', file);
  await runUntilSignal(createLog(config.logLevel), async (log) => {
    const context = await createContext(config, log, { migrate: false, name: 'helm-registry worker' });
    const worker = await startWorker(context);
    return {
      async close() {
        await worker.close();
        await context.close();
      },
    };
  });
}

/** Brings the database up to date, the embedded one too, and ends. */
async function runMigrate(file?: string): Promise<void> {
  const config = await loadConfig(process.env, file);
  const context = await createContext(config, createLog(config.logLevel), {
    migrate: true,
    name: 'helm-registry migrate',
  });
  await context.close();
}

// Two processes cannot share the embedded database: it belongs to the one that started it.
async function loadShared(command: string, file: string | undefined): Promise<Config> {
  const config = await loadConfig(process.env, file);
  if (config.databaseUrl !== '') return config;
  throw new StartError(`${command} needs DATABASE_URL; \`helm-registry serve\` runs everything without one`);
}

/** Each command with what it runs; the file is that of `--config`. */
export const runCommand = { serve: runServe, api: runApi, worker: runWorker, migrate: runMigrate };
