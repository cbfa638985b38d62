import type { Log } from '../log.ts';
import type { ShutdownHooks } from '../shutdown-hooks.ts';

/** Called with the name of the program of a thread that could not be ended. */
type StuckThreadListener = (program: string) => void;

/** Stuck threads after which a process is to be started again: each keeps its memory, and perhaps a core. */
const maxStuckThreads = 3;

/** Milliseconds in which Node's thread pool ends a write that it has begun; nothing tells of its end during an exit. */
const pendingWriteMs = 250;

/** Ends of the stuck threads. One of the process and not of a part, as threads are. */
const stuck = new Set<Promise<unknown>>();

const listeners = new Set<StuckThreadListener>();

let isKilledAtExit = false;

/** Log of the last line. */
let logAtExit: Pick<Log, 'fatal'> | undefined;

/** Counts the threads of this process that could not be ended. */
export function countStuckThreads(): number {
  return stuck.size;
}

/**
 * Notes a stuck thread, and counts it until it ends all the same.
 * @param program name of the thread's program
 * @param ended resolves when the thread ends
 */
export function noteStuckThread(program: string, ended: Promise<unknown>): void {
  stuck.add(ended);
  const forget = () => void stuck.delete(ended);
  ended.then(forget, forget);
  killAtExit();
  for (const listener of listeners) listener(program);
}

/**
 * Kills this process at its exit while a thread is stuck. Node.js waits at its exit for the ends of all threads, also
 * in `process.exit`. The fatal line writes all that wait in the log, after what its thread is writing.
 */
function killAtExit(): void {
  if (isKilledAtExit) return;
  isKilledAtExit = true;
  process.once('exit', () => {
    if (stuck.size === 0) return;
    // Blocks: timers no longer run. A signal would cut off the lines that a thread of the pool is writing.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pendingWriteMs);
    logAtExit?.fatal({ stuck: stuck.size }, 'ending by SIGKILL, since threads could not be ended');
    process.kill(process.pid, 'SIGKILL');
  });
}

/**
 * Logs stuck threads, and reports the process as failed when there are too many.
 * @returns how to stop that
 */
export function watchStuckThreads(
  log: Pick<Log, 'error' | 'fatal'>,
  { fail }: Pick<ShutdownHooks, 'fail'>,
): () => void {
  const listener = (program: string) => {
    logAtExit ??= log;
    log.error({ program, stuck: stuck.size }, 'a thread could not be ended, a new one takes its place');
    if (stuck.size >= maxStuckThreads) fail(`${stuck.size} threads could not be ended`);
  };
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
