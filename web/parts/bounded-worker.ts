import { trustScript } from './trusted-script.ts';

/** Worker that answers one question after the other, each within a time. */
export interface BoundedWorker<Question, Answer> {
  /** Answers a question; undefined where that takes too long, or the worker breaks. */
  ask(question: Question): Promise<Answer | undefined>;
  close(): void;
}

/**
 * Creates a worker that starts with the first question. It is ended when an answer takes too long, since nothing else
 * stops it, and the next question starts another one.
 * @param options.address script that was built with the page; it posts `null` for a question that it cannot answer
 * @param options.maxMs longest time for an answer, in milliseconds; the first has that of starting too
 */
export function createBoundedWorker<Question, Answer>(options: {
  address: string;
  name: string;
  maxMs: number;
}): BoundedWorker<Question, Answer> {
  const { address, name, maxMs } = options;
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function stop(): void {
    worker?.terminate();
    worker = undefined;
  }

  function ask(question: Question): Promise<Answer | undefined> {
    worker ??= new Worker(trustScript(address), { name });
    const current = worker;
    return new Promise((resolve) => {
      const finish = (answer: Answer | null) => {
        clearTimeout(timer);
        resolve(answer ?? undefined);
      };
      const timer = setTimeout(() => {
        stop();
        finish(null);
      }, maxMs);
      current.onmessage = ({ data }: MessageEvent<Answer | null>) => finish(data);
      current.onerror = () => {
        stop();
        finish(null);
      };
      current.postMessage(question);
    });
  }

  return {
    ask(question) {
      const result = last.then(() => ask(question));
      last = result;
      return result;
    },
    close: stop,
  };
}
