import { Worker } from 'node:worker_threads';

/** A worker thread that answers one message after another. */
export interface Thread<Question, Answer> {
  /** Hands `transfer` over. Once it rejects, the thread is gone. */
  ask(question: Question, transfer: ArrayBuffer[]): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * Starts a file of this project as a thread, from its source or as it was built. It does not keep the process alive unless
 * it is asked something.
 *
 * @param url the file, with the extension of the one that names it
 * @param patience milliseconds until an answer is given up
 */
export function startThread<Question, Answer>(url: URL, patience: number): Thread<Question, Answer> {
  const worker = startWorker(url);
  // Who waits for an answer hears of a failure; without a listener it would be the process's.
  worker.on('error', () => undefined);
  worker.unref();

  return {
    async ask(question, transfer) {
      worker.ref();
      const { promise, settle } = waitFor<Answer>(worker, patience);
      try {
        worker.postMessage(question, transfer);
        return await promise;
      } catch (error) {
        await worker.terminate();
        throw error;
      } finally {
        settle();
        worker.unref();
      }
    },
    async close() {
      await worker.terminate();
    },
  };
}

/** A thread has loaders of its own: from its source, it is started by a script that adds the one for TypeScript. */
function startWorker(url: URL): Worker {
  if (!url.pathname.endsWith('.ts')) return new Worker(url);
  const script = `import('${import.meta.resolve('tsx/esm/api')}').then(({ register }) => { register(); return import('${url.href}'); });`;
  return new Worker(script, { eval: true, execArgv: [] });
}

/** The next message, or the reason why there will be none. */
function waitFor<Answer>(worker: Worker, patience: number): { promise: Promise<Answer>; settle: () => void } {
  let settle = (): void => undefined;
  const promise = new Promise<Answer>((resolve, reject) => {
    const onExit = (): void => reject(new Error('the thread ended before it had answered'));
    const timer = setTimeout(
      () => reject(new Error(`the thread gave no answer for ${patience} ms`)),
      patience,
    );
    settle = () => {
      clearTimeout(timer);
      worker.off('message', resolve).off('error', reject).off('exit', onExit);
    };
    worker.once('message', resolve).once('error', reject).once('exit', onExit);
  });
  return { promise, settle };
}
