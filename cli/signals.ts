import { constants } from 'node:os';
import type { Log } from '../core/runtime/log.ts';
import { splitShutdownBudget } from '../core/runtime/shutdown-budget.ts';
import { letHeapGrow } from './heap.ts';

/** Something that runs until it is closed. */
export interface Running {
  close(): Promise<void>;
  /** Resolves, with the reason, when it cannot go on by itself. */
  failed?: Promise<string>;
}

/**
 * Milliseconds in which signals count as one: a Ctrl-C comes from the terminal, and again from npm, which passes on what
 * its child has had already.
 */
const signalRepeatMs = 300;

/**
 * Starts something and closes it on SIGTERM or SIGINT, also when one comes while it is still starting. A second signal
 * ends the process at once, with the exit code of one that the signal has killed.
 * @param seconds that closing may take; then the process ends all the same
 */
export async function runUntilSignal(
  log: Log,
  seconds: number,
  start: (log: Log) => Promise<Running>,
): Promise<void> {
  letHeapGrow();
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    let first: number | undefined;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        first ??= performance.now();
        if (performance.now() - first > signalRepeatMs) process.exit(128 + constants.signals[signal]);
        resolve(signal);
      });
    }
  });
  const running = await start(log);
  // Connections that wait keep a process alive, but not one whose connections have all been lost.
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  const reason = await Promise.race([signalled.then((signal) => ({ signal })), failureOf(running)]);
  clearInterval(keepAlive);
  if ('failure' in reason) {
    // Whoever watches over this process starts it again.
    process.exitCode = 1;
    log.fatal(reason, 'closing');
  } else {
    log.info(reason, 'closing');
  }
  const forcedExit = setTimeout(() => {
    log.error('not closed in time, ending all the same');
    process.exit(1);
  }, splitShutdownBudget(seconds).totalMs);
  await running.close();
  clearTimeout(forcedExit);
  log.info('closed');
}

async function failureOf(running: Running): Promise<{ failure: string }> {
  return { failure: await (running.failed ?? new Promise<never>(() => undefined)) };
}
