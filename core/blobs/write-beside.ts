import type { Worker } from 'node:worker_threads';
import { createGate } from '../gate.ts';
import { startWorker } from '../threads/thread.ts';
import type { WriteAnswer, WriteRequest } from './write-thread.ts';

/**
 * Writes small files durably, in a thread of its own: a file is some nine calls, and handing each of them to a thread by
 * itself costs this one more than the calls cost the other.
 */
export interface WriterBeside {
  /** Resolves once the file has its name and both are on disk; then nothing of the draft is left, nor when it throws. */
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

/** Starts the thread with the first file; one that has ended is followed by another. */
export function createWriterBeside(): WriterBeside {
  const gate = createGate(width);
  const waiting = new Map<number, Waiting>();
  let running: Worker | undefined;
  let last = 0;

  function start(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = startWorker(new URL(`./write-thread.${extension}`, import.meta.url), memory);
    const fail = (error: Error) => {
      if (running === worker) running = undefined;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    worker.on('message', ({ id, error }: WriteAnswer) => {
      const call = waiting.get(id);
      waiting.delete(id);
      // A thread that waits for work is no reason for the process to stay.
      if (waiting.size === 0) worker.unref();
      if (error)
        call?.reject(Object.assign(new Error(error.message), error.code ? { code: error.code } : {}));
      else call?.resolve();
    });
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the thread that writes files has ended')));
    return worker;
  }

  return {
    write: ({ bytes, ...file }) =>
      gate.pass(
        () =>
          new Promise<void>((resolve, reject) => {
            running ??= start();
            last += 1;
            waiting.set(last, { resolve, reject });
            running.ref();
            // A view would be sent with all of the buffer that it is a part of.
            const copy = new Uint8Array(bytes);
            const request: WriteRequest = { id: last, bytes: copy, ...file };
            running.postMessage(request, [copy.buffer]);
          }),
      ),
    async close() {
      await running?.terminate();
    },
  };
}
