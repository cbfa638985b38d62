import { links } from '../api/links.ts';
import { assertFree } from '../api/listen.ts';
import { startHealth } from '../api/main.ts';
import { startMetrics } from '../api/metrics-server.ts';
import { loadConfig } from '../core/config/load.ts';
import { usesS3 } from '../core/config/object-store.ts';
import type { Config } from '../core/config/settings.ts';
import { type Context, createContext } from '../core/context.ts';
import { openBlobs } from '../core/drivers/blobs.ts';
import { openDatabase } from '../core/drivers/database.ts';
import { openSealer } from '../core/drivers/keys.ts';
import type { Log } from '../core/runtime/log.ts';
import { createShutdownHooks } from '../core/runtime/shutdown-hooks.ts';
import { StartError } from '../core/runtime/startup-error.ts';
import { startInlineComposer } from '../worker/composer.ts';
import { startJobWorker } from '../worker/main.ts';
import { startApiProcesses } from './api-processes.ts';
import { assertServable } from './assert-servable.ts';
import { type RunningService, runUntilSignal } from './signals.ts';
import { startLog } from './start-log.ts';

/** Runs `helm-registry serve`: API and worker in one process, and the configured helper processes. */
async function runServe(file?: string): Promise<void> {
  const config = await loadConfig(process.env, file);
  await runUntilSignal(startLog(config), config.shutdownTimeout, (log) => startServe(config, log));
}

/** Starts API and worker on one context, for `serve` and the demo. */
export async function startServe(config: Config, log: Log): Promise<RunningService & { url: string }> {
  await assertServable(config);
  const context = await createContext(config, log, { migrate: true, name: 'helm-registry serve', links });
  return closeOnFailure(context, async () => {
    const worker = await startJobWorker(context);
    const api = await startApiProcesses(context).catch(async (error: unknown) => {
      await worker.close();
      throw error;
    });
    context.jobs.validator.warm();
    // Closing API and worker together ends the requests that wait for jobs as soon as closing begins.
    return { url: api.url, failed: context.failed, close: () => closeAll(context, api, worker) };
  });
}

/** Runs `helm-registry api`: the interface, and inline composition. */
async function runApi(file?: string): Promise<void> {
  const config = await loadWithDatabase('api', file);
  await runUntilSignal(startLog(config), config.shutdownTimeout, async (log) => {
    await assertServable(config);
    const context = await createContext(config, log, { migrate: false, name: 'helm-registry api', links });
    return closeOnFailure(context, async () => {
      const api = await startApiProcesses(context);
      const composer = startInlineComposer(context, config.apiSources);
      context.jobs.validator.warm();
      return { failed: context.failed, close: () => closeAll(context, api, composer) };
    });
  });
}

/** Runs `helm-registry worker`: the queue's consumers. */
async function runWorker(file?: string): Promise<void> {
  const config = await loadWithDatabase('worker', file);
  await runUntilSignal(startLog(config), config.shutdownTimeout, async (log) => {
    if (config.workerListen !== '') await assertFree(config.workerListen, 'WORKER_LISTEN');
    if (config.metricsListen !== '') await assertFree(config.metricsListen, 'METRICS_LISTEN');
    const context = await createContext(config, log, { migrate: false, name: 'helm-registry worker', links });
    return closeOnFailure(context, async () => {
      // Started first, so that health checks learn that the worker is not ready yet.
      const health = config.workerListen === '' ? undefined : await startHealth(context, config.workerListen);
      const metrics = await startMetrics(context);
      const worker = await startJobWorker(context).catch(async (error: unknown) => {
        await Promise.all([health?.close(), metrics?.close()]);
        throw error;
      });
      const close = async () => {
        await closeAll(context, worker);
        await Promise.all([health?.close(), metrics?.close()]);
      };
      return { failed: context.failed, close };
    });
  });
}

/**
 * Runs `helm-registry migrate`: migrates the database, the embedded one too, seals secrets with the newest key, makes
 * the bucket if S3 is used, and ends.
 */
async function runMigrate(file?: string): Promise<void> {
  const config = await loadConfig(process.env, file);
  const log = startLog(config);
  const shutdownHooks = createShutdownHooks(log);
  try {
    const options = { migrate: true, name: 'helm-registry migrate' };
    const { db } = await openDatabase(config, log, shutdownHooks, options);
    await openSealer(config, db, log, options);
    if (usesS3(config)) await openBlobs(config, log, shutdownHooks, true);
  } finally {
    await shutdownHooks.close();
  }
}

async function closeAll(context: Context, ...parts: RunningService[]): Promise<void> {
  context.beginClosing();
  await Promise.all(parts.map((part) => part.close()));
  await context.close();
}

async function closeOnFailure<T>(context: Context, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    await context.close();
    throw error;
  }
}

// Loads settings that name a shared database: the embedded one belongs to the process that started it.
async function loadWithDatabase(command: string, file: string | undefined): Promise<Config> {
  const config = await loadConfig(process.env, file);
  if (config.databaseUrl !== '') return config;
  throw new StartError(`${command} needs DATABASE_URL; \`helm-registry serve\` runs everything without one`);
}

/** Functions of the commands; their argument is the file of `--config`. */
export const commandRunners = { serve: runServe, api: runApi, worker: runWorker, migrate: runMigrate };
