import type { Worker } from 'node:worker_threads';
import { createGate } from '../runtime/concurrency.ts';
import { startWorker } from '../runtime/threads/thread.ts';
import { programBeside } from '../runtime/threads/worker-entry.ts';
import type { WriteAnswer, WriteRequest } from './file-writer-thread.ts';
import { createSharedMemory, type SharedBytes } from './shared-memory.ts';

/**
 * Writes small files durably, in a thread of its own: a file is some nine calls, and handing each of them to a thread by
 * itself costs this one more than the calls cost the other.
 */
export interface WriterBeside {
  /** Resolves once the file has its name and both are on disk. Where the thread ends before, its draft may be left. */
  write(file: Omit<WriteRequest, 'id'>): Promise<void>;
  close(): Promise<void>;
}

/** Files that are written at once, the others wait here: their bytes are in memory twice. */
const width = 16;

/** MiB of JavaScript values. */
const memory = 64;

interface Waiting {
  resolve: () => void;
  reject: (error: Error) => void;
  bytes: SharedBytes;
}

/** A thread, and whoever waits for it. */
interface Running {
  worker: Worker;
  waiting: Map<number, Waiting>;
}

/** Starts the thread with the first file; one that has ended is followed by another. */
export function createWriterBeside(): WriterBeside {
  const gate = createGate(width);
  const shared = createSharedMemory(width);
  let running: Running | undefined;
  let last = 0;

  function start(): Running {
    const worker = startWorker(programBeside(import.meta.url, 'file-writer-thread'), memory);
    const started: Running = { worker, waiting: new Map() };
    // A thread that is ending may still read the bytes that it has, so those are not given back.
    const fail = (error: Error) => {
      if (running === started) running = undefined;
      for (const { reject } of started.waiting.values()) reject(error);
      started.waiting.clear();
    };
    worker.on('message', (answer: WriteAnswer) => settle(started, answer));
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the thread that writes files has ended')));
    return started;
  }

  function settle({ worker, waiting }: Running, { id, error }: WriteAnswer): void {
    const call = waiting.get(id);
    if (!call) return;
    waiting.delete(id);
    shared.giveBack(call.bytes);
    // A thread that waits for work is no reason for the process to stay.
    if (waiting.size === 0) worker.unref();
    if (error) call.reject(Object.assign(new Error(error.message), error.code ? { code: error.code } : {}));
    else call.resolve();
  }

  return {
    write: (file) =>
      gate.pass(
        () =>
          new Promise<void>((resolve, reject) => {
            running ??= start();
            last += 1;
            const bytes = shared.lend(file.bytes);
            running.waiting.set(last, { resolve, reject, bytes });
            running.worker.ref();
            running.worker.postMessage({ ...file, id: last, bytes } satisfies WriteRequest);
          }),
      ),
    async close() {
      await running?.worker.terminate();
    },
  };
}
