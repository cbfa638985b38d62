import type { Worker } from 'node:worker_threads';
import { createConcurrencyLimiter } from '../runtime/concurrency.ts';
import { startThread, workerEntryUrl } from '../runtime/threads/thread.ts';
import type { WriteAnswer, WriteRequest } from './file-writer-thread.ts';
import { createSharedMemory, type SharedBytes } from './shared-memory.ts';

/**
 * Writes small files durably in one thread. A file takes some nine calls; passing each of them to a pool thread
 * costs the event loop more than the calls cost here.
 */
export interface FileWriterThread {
  /**
   * Resolves once the file has its final name and both are on disk. If the thread ends earlier, its draft may
   * remain.
   */
  write(file: Omit<WriteRequest, 'id'>): Promise<void>;
  close(): Promise<void>;
}

/** Files that are written concurrently; further calls wait, because their bytes are in memory twice. */
const maxConcurrent = 16;

/** Heap limit of the thread, in MiB. */
const maxHeapMib = 64;

interface Waiting {
  resolve: () => void;
  reject: (error: Error) => void;
  bytes: SharedBytes;
}

/** Thread with the calls that wait for it. */
interface Running {
  worker: Worker;
  waiting: Map<number, Waiting>;
}

/** Creates the writer; the thread starts with the first file, and a new one replaces a thread that ended. */
export function createFileWriterThread(): FileWriterThread {
  const limiter = createConcurrencyLimiter(maxConcurrent);
  const shared = createSharedMemory(maxConcurrent);
  let running: Running | undefined;
  let lastId = 0;

  function start(): Running {
    const worker = startThread(workerEntryUrl(import.meta.url, 'file-writer-thread'), maxHeapMib);
    const started: Running = { worker, waiting: new Map() };
    // An ending thread may still read its bytes, so their shared memory is not reused.
    const fail = (error: Error) => {
      if (running === started) running = undefined;
      for (const { reject } of started.waiting.values()) reject(error);
      started.waiting.clear();
    };
    worker.on('message', (answer: WriteAnswer) => finishCall(started, answer));
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the thread that writes files has ended')));
    return started;
  }

  function finishCall({ worker, waiting }: Running, { id, error }: WriteAnswer): void {
    const call = waiting.get(id);
    if (!call) return;
    waiting.delete(id);
    shared.release(call.bytes);
    // An idle thread must not keep the process alive.
    if (waiting.size === 0) worker.unref();
    if (error) call.reject(Object.assign(new Error(error.message), error.code ? { code: error.code } : {}));
    else call.resolve();
  }

  return {
    write: (file) =>
      limiter.run(
        () =>
          new Promise<void>((resolve, reject) => {
            running ??= start();
            lastId += 1;
            const bytes = shared.lend(file.bytes);
            running.waiting.set(lastId, { resolve, reject, bytes });
            running.worker.ref();
            running.worker.postMessage({ ...file, id: lastId, bytes } satisfies WriteRequest);
          }),
      ),
    async close() {
      await running?.worker.terminate();
    },
  };
}
