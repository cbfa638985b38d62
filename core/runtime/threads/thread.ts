import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createConcurrencyLimiter } from '../concurrency.ts';

/** Work in a thread of its own, one call after another, each bounded in time and all of them in memory. */
export interface Thread<Request, Answer> {
  /**
   * @throws {ThreadExceeded} when the call took too long or too much memory; the thread is ended, and the next call has a
   *   new one
   */
  call(request: Request): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * Thrown when a call was cut off. One that took too long may succeed when the machine is less busy; one that took too much
 * memory will not.
 */
export class ThreadExceeded extends Error {
  override name = 'ThreadExceeded';
  readonly resource: 'time' | 'memory';

  constructor(resource: 'time' | 'memory', message: string) {
    super(message);
    this.resource = resource;
  }
}

export interface ThreadOptions {
  /** The program: says `ready`, then answers each message with one of its own. */
  file: URL;
  /** Milliseconds a call may take. */
  limit: number;
  /** MiB of JavaScript values it may keep. */
  memory: number;
}

/** Milliseconds a thread may take to start, on a machine that is busy. */
const startLimit = 30_000;

/** Starts a thread with the first call, so that who never calls pays nothing. */
export function createThread<Request, Answer>(options: ThreadOptions): Thread<Request, Answer> {
  const gate = createConcurrencyLimiter(1);
  let running: Worker | undefined;
  let closed = false;

  function start(): Worker {
    const worker = startThread(options.file, options.memory);
    // A thread that is cut off may yet say that it ran out of memory: an error that nobody hears would end the process.
    worker.on('error', () => undefined);
    // A thread that waits for work is no reason for the process to stay.
    worker.unref();
    return worker;
  }

  return {
    call: (request) =>
      gate.run(async () => {
        if (closed) throw new Error('the thread is closed');
        const isNew = running === undefined;
        // From now on, so that a close ends it while it is starting, too.
        running ??= start();
        const worker = running;
        try {
          if (isNew) await nextMessage(worker, startLimit);
          const answer = nextMessage<Answer>(worker, options.limit);
          worker.postMessage(request);
          return await answer;
        } catch (error) {
          running = undefined;
          await worker.terminate();
          throw error;
        }
      }),
    async close() {
      closed = true;
      await running?.terminate();
    },
  };
}

function nextMessage<Answer>(worker: Worker, limit: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => end(() => reject(new ThreadExceeded('time', `more than ${limit} ms`))),
      limit,
    );
    const onMessage = (answer: Answer) => end(() => resolve(answer));
    const onError = (error: Error & { code?: string }) =>
      end(() =>
        reject(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new ThreadExceeded('memory', 'too much memory') : error,
        ),
      );
    const onExit = () => end(() => reject(new Error('the thread has ended')));
    function end(settle: () => void): void {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      settle();
    }
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

/**
 * Starts a program in a thread. From source it needs a loader, which it does not inherit.
 * @param memory MiB of JavaScript values
 */
export function startThread(file: URL, memory: number): Worker {
  const options = { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: memory, stackSizeMb: 4 } };
  if (!file.pathname.endsWith('.ts')) return new Worker(file, options);
  const loaders = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = new URL('dist/esm/api/index.mjs', loaders).href;
  const [from, program] = [JSON.stringify(loader), JSON.stringify(file.href)];
  const code = `import(${from}).then(({ register }) => { register(); return import(${program}); })`;
  return new Worker(code, { ...options, eval: true });
}
