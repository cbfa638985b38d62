import type { Worker } from 'node:worker_threads';
import { createGate } from '../gate.ts';
import { programBeside } from '../threads/program-beside.ts';
import { startWorker } from '../threads/thread.ts';
import type { WriteAnswer, WriteRequest } from './write-thread.ts';

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
}

/** A thread, and whoever waits for it. */
interface Running {
  worker: Worker;
  waiting: Map<number, Waiting>;
}

/** Starts the thread with the first file; one that has ended is followed by another. */
export function createWriterBeside(): WriterBeside {
  const gate = createGate(width);
  let running: Running | undefined;
  let last = 0;

  function start(): Running {
    const worker = startWorker(programBeside(import.meta.url, 'write-thread'), memory);
    const started: Running = { worker, waiting: new Map() };
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

  return {
    write: ({ bytes, ...file }) =>
      gate.pass(
        () =>
          new Promise<void>((resolve, reject) => {
            running ??= start();
            last += 1;
            running.waiting.set(last, { resolve, reject });
            running.worker.ref();
            // A view would be sent with all of the buffer that it is a part of.
            const copy = new Uint8Array(bytes);
            const request: WriteRequest = { id: last, bytes: copy, ...file };
            running.worker.postMessage(request, [copy.buffer]);
          }),
      ),
    async close() {
      await running?.worker.terminate();
    },
  };
}

function settle({ worker, waiting }: Running, { id, error }: WriteAnswer): void {
  const call = waiting.get(id);
  waiting.delete(id);
  // A thread that waits for work is no reason for the process to stay.
  if (waiting.size === 0) worker.unref();
  if (error) call?.reject(Object.assign(new Error(error.message), error.code ? { code: error.code } : {}));
  else call?.resolve();
}
