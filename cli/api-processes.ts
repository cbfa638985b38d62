import { type ChildProcess, fork } from 'node:child_process';
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApi } from '../api/main.ts';
import { startMetrics } from '../api/metrics-server.ts';
import type { Context } from '../core/context.ts';
import { StartError } from '../core/runtime/startup-error.ts';
import { workerEntryUrl } from '../core/runtime/threads/thread.ts';
import { createHelperMetrics, type HelperMetrics } from './helper-metrics.ts';
import type { RunningService } from './signals.ts';

/** Milliseconds before a helper that ended is replaced, so that one that cannot start does not do so continuously. */
const restartDelayMs = 1000;

/**
 * Serves the interface in `API_PROCESSES` processes, this one included. Helpers start before the first connection is
 * accepted, or clients that keep connections open would all stay with this process.
 * @throws {StartError} when the address cannot be listened on, or a helper does not start
 */
export async function startApiProcesses(context: Context): Promise<RunningService & { url: string }> {
  const helpers = createHelpers(context);
  try {
    await helpers.start(context.config.apiProcesses - 1);
    const metrics = await startMetrics(context, helpers.readMetrics);
    const { url, server, close } = await startApi(context).catch(async (error: unknown) => {
      await metrics?.close();
      throw error;
    });
    helpers.serve(server);
    return {
      url,
      async close() {
        await Promise.all([close(), helpers.close()]);
        await metrics?.close();
      },
    };
  } catch (error) {
    await helpers.close();
    throw error;
  }
}

interface Helpers extends RunningService {
  start(count: number): Promise<void>;
  /** Passes the server to the helpers, which then accept connections too. */
  serve(listening: Server): void;
  readMetrics: HelperMetrics['read'];
}

/** Creates the helper processes; one that ends is replaced. */
function createHelpers({ config, databaseUrl, log }: Context): Helpers {
  const running = new Map<ChildProcess, Promise<void>>();
  let listening: Server | undefined;
  let closing = false;
  const metrics = createHelperMetrics();

  async function start(): Promise<void> {
    const helper = fork(helperEntryUrl);
    const exited = new Promise<void>((resolve) => helper.once('exit', () => resolve()));
    running.set(helper, exited);
    metrics.add(helper);
    void exited.then(() => running.delete(helper));
    // Sending to a helper that is ending fails; its exit handler replaces it.
    helper.on('error', (error) => log.warn({ error }, 'could not reach a helper process'));
    helper.send({ config: { ...config, databaseUrl } });
    await waitUntilPrepared(helper);
    if (listening) helper.send('serve', listening);
    void exited.then(() => replace(helper));
  }

  async function replace({ pid, exitCode, signalCode }: ChildProcess): Promise<void> {
    for (;;) {
      if (closing) return;
      log.error({ helper: pid, exitCode, signalCode }, 'a helper process has ended');
      await sleep(restartDelayMs, undefined, { ref: false });
      if (closing) return;
      try {
        return await start();
      } catch (error) {
        log.error({ error }, 'no helper process could be started in its place');
      }
    }
  }

  return {
    async start(count) {
      await Promise.all(Array.from({ length: count }, start));
    },
    serve(server) {
      listening = server;
      for (const helper of running.keys()) helper.send('serve', server);
    },
    readMetrics: metrics.read,
    async close() {
      closing = true;
      const ended = [...running.values()];
      for (const helper of running.keys()) helper.send('close');
      await Promise.all(ended);
    },
  };
}

/** Resolves when a helper has opened its database and queue. */
function waitUntilPrepared(helper: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    helper.once('message', () => resolve());
    helper.once('exit', () =>
      reject(new StartError('a helper process did not start; API_PROCESSES=1 does without')),
    );
  });
}

const helperEntryUrl = workerEntryUrl(import.meta.url, 'api-helper');
