import { constants } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { Log } from '../core/runtime/log.ts';
import { splitShutdownBudget } from '../core/runtime/shutdown-budget.ts';

/** Server or worker that runs until it is closed. */
export interface RunningService {
  close(): Promise<void>;
  /** Resolves with the reason when it cannot go on. */
  failed?: Promise<string>;
}

/** Milliseconds in which signals count as one: Ctrl-C reaches the process from the terminal and again through npm. */
const signalRepeatMs = 300;

/**
 * Starts a server or worker, and closes it on SIGTERM or SIGINT. A signal also counts during the start. A second
 * signal ends the process immediately, with the exit code of a process killed by that signal.
 * @param seconds for closing; afterwards the process ends all the same
 */
export async function runUntilSignal(
  log: Log,
  seconds: number,
  start: (log: Log) => Promise<RunningService>,
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
  // Waiting connections keep a process alive, but after all connections were lost only this timer does.
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  const reason = await Promise.race([signalled.then((signal) => ({ signal })), waitForFailure(running)]);
  clearInterval(keepAlive);
  if ('failure' in reason) {
    // Exit with 1, so that a supervisor starts the process again.
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

async function waitForFailure(running: RunningService): Promise<{ failure: string }> {
  return { failure: await (running.failed ?? new Promise<never>(() => undefined)) };
}

/**
 * Lets V8's heaps grow to 1.75 times their live objects between collections. By default V8 collects after a quarter
 * more, twice a second under a load of recipes (ADR 18). The heap's limit stays as it is.
 */
export function letHeapGrow(): void {
  setFlagsFromString('--heap-growing-percent=75');
}
