import { type ChildProcess, fork } from 'node:child_process';
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { startApi } from '../api/main.ts';
import type { Context } from '../core/context.ts';
import { tryEnqueue } from '../core/jobs/try-queue.ts';
import { queueNames } from '../core/queue/port.ts';
import { StartError } from '../core/runtime/startup-error.ts';
import { workerEntryUrl } from '../core/runtime/threads/thread.ts';
import type { Running } from './signals.ts';

/** Milliseconds before one that has ended is replaced, so that one that cannot start does not do so all the time. */
const pause = 1000;

/**
 * Serves the interface in as many processes as are configured, this one included. The others are there before the first
 * connection is taken, or clients that keep theirs would all stay with this one.
 * @throws {StartError} when the address cannot be listened on, or one of the processes does not start
 */
export async function startApiProcesses(context: Context): Promise<Running & { url: string }> {
  const helpers = createHelpers(context);
  try {
    await helpers.start(context.config.apiProcesses - 1);
    const { url, server, close } = await startApi(context);
    helpers.serve(server);
    return {
      url,
      async close() {
        await Promise.all([close(), helpers.close()]);
      },
    };
  } catch (error) {
    await helpers.close();
    throw error;
  }
}

interface Helpers extends Running {
  start(count: number): Promise<void>;
  /** Lets them take connections too. */
  serve(listening: Server): void;
}

/** Processes that answer requests beside this one. One that ends is replaced. */
function createHelpers({ config, databaseUrl, jobs, log }: Context): Helpers {
  const running = new Map<ChildProcess, Promise<void>>();
  let listening: Server | undefined;
  let closing = false;

  async function start(): Promise<void> {
    const helper = fork(program);
    const exited = new Promise<void>((resolve) => helper.once('exit', () => resolve()));
    running.set(helper, exited);
    void exited.then(() => running.delete(helper));
    // What cannot be sent any more is sent to one that is about to be seen to end.
    helper.on('error', (error) => log.warn({ error }, 'could not reach a process that answers requests'));
    helper.send({ config: { ...config, databaseUrl } });
    await isPrepared(helper);
    helper.on('message', (message) => {
      const { enqueue, ids } = accepted.parse(message);
      void tryEnqueue(jobs, enqueue, ids);
    });
    if (listening) helper.send('serve', listening);
    void exited.then(() => replace(helper));
  }

  async function replace({ pid, exitCode, signalCode }: ChildProcess): Promise<void> {
    for (;;) {
      if (closing) return;
      log.error({ helper: pid, exitCode, signalCode }, 'a process that answers requests has ended');
      await sleep(pause, undefined, { ref: false });
      if (closing) return;
      try {
        return await start();
      } catch (error) {
        log.error({ error }, 'no process that answers requests could be started in its place');
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
    async close() {
      closing = true;
      const ended = [...running.values()];
      for (const helper of running.keys()) helper.send('close');
      await Promise.all(ended);
    },
  };
}

/** Resolves when it has opened all that it needs. */
function isPrepared(helper: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    helper.once('message', () => resolve());
    helper.once('exit', () =>
      reject(new StartError('a process that answers requests did not start; API_PROCESSES=1 does without')),
    );
  });
}

/** What a helper has accepted, and somebody is to work on. */
const accepted = z.object({ enqueue: z.enum(queueNames), ids: z.array(z.string()) });

const program = workerEntryUrl(import.meta.url, 'api-helper');
