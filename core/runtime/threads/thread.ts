import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createConcurrencyLimiter } from '../concurrency.ts';
import { withTimeout } from '../timeout.ts';
import { noteStuckThread } from './stuck-threads.ts';
import { createSectionWord, forbidSections, type SectionWord, type ThreadData } from './uninterrupted.ts';

/** Thread that runs one call at a time, each bounded in time, with a bounded heap. */
export interface Thread<Request, Answer> {
  /**
   * Makes a call.
   * @throws {ThreadExceeded} when the call exceeds its time or the heap; the thread ends, and the next call
   *   starts a new one
   */
  call(request: Request): Promise<Answer>;
  /** Starts the thread before its first call. A failure is left to that call, which tries again. */
  warm(): void;
  /** Ends the thread, and waits for its end, but not for ever. */
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

/** Options of a thread. */
export interface ThreadOptions {
  /** Program of the thread; it sends `ready`, then answers each message with one message. */
  file: URL;
  /** Milliseconds that a call may take. */
  timeoutMs: number;
  /** Maximum heap in MiB. */
  maxHeapMib: number;
}

/** Milliseconds that a thread may take to start, on a busy machine. */
const startTimeoutMs = 30_000;

/** Milliseconds that the end of a thread is waited for. */
const endTimeoutMs = 5_000;

/** Milliseconds that a thread may stay in an uninterrupted section; a longer one has made its stream long ago. */
const sectionTimeoutMs = 1_000;

/**
 * Largest young generation of a thread's heap, in MiB; V8's own is 48. What a thread has answered is garbage until the
 * young generation is full, and idle threads keep that memory.
 */
const maxYoungMib = 12;

/** Creates a thread that starts with the first call. An unused one costs nothing. */
export function createThread<Request, Answer>(options: ThreadOptions): Thread<Request, Answer> {
  const limiter = createConcurrencyLimiter(1);
  let running: Worker | undefined;
  let closed = false;
  const endings = new WeakMap<Worker, Promise<void>>();
  const sectionWords = new WeakMap<Worker, SectionWord>();

  function start(): Worker {
    const sectionWord = createSectionWord();
    const worker = startThread(options.file, options.maxHeapMib, { sectionWord });
    sectionWords.set(worker, sectionWord);
    // A terminated thread may still report that it ran out of memory; an unhandled error event would end the
    // process.
    worker.on('error', () => undefined);
    // An idle thread must not keep the process alive.
    worker.unref();
    return worker;
  }

  /** Ends a thread, once: a call and `close` may both want it. */
  function end(worker: Worker): Promise<void> {
    const program = basename(options.file.pathname);
    const ending = endings.get(worker) ?? endThread(worker, sectionWords.get(worker), program);
    endings.set(worker, ending);
    return ending;
  }

  /** Runs `work` on the thread, started if need be; its failure ends the thread. */
  const runOnThread = <T>(work: (worker: Worker) => Promise<T>): Promise<T> =>
    limiter.run(async () => {
      if (closed) throw new Error('the thread is closed');
      const isNew = running === undefined;
      // Set before the start completes, so that `close` ends a starting thread too.
      running ??= start();
      const worker = running;
      try {
        if (isNew) await nextMessage(worker, startTimeoutMs);
        return await work(worker);
      } catch (error) {
        running = undefined;
        await end(worker);
        throw error;
      }
    });

  return {
    call: (request) =>
      runOnThread((worker) => {
        const answer = nextMessage<Answer>(worker, options.timeoutMs);
        worker.postMessage(request);
        return answer;
      }),
    warm: () => void runOnThread(async () => undefined).catch(() => undefined),
    async close() {
      closed = true;
      if (running) await end(running);
    },
  };
}

/**
 * Ends a thread, and waits until it has ended, but not for ever. Node 24 cannot end a loop that ran out of memory
 * where the loop calls no function; the next calls must not wait for that.
 */
async function endThread(
  worker: Worker,
  sectionWord: SectionWord | undefined,
  program: string,
): Promise<void> {
  if (sectionWord && forbidSections(sectionWord)) {
    const left = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    await withTimeout(left, sectionTimeoutMs, undefined);
  }
  const ended = worker.terminate();
  if ((await withTimeout(ended, endTimeoutMs, 'late')) === 'late') noteStuckThread(program, ended);
}

function nextMessage<Answer>(worker: Worker, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => end(() => reject(new ThreadExceeded('time', `more than ${timeoutMs} ms`))),
      timeoutMs,
    );
    const onMessage = (answer: Answer) => end(() => resolve(answer));
    const onError = (error: Error & { code?: string }) =>
      end(() =>
        reject(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new ThreadExceeded('memory', 'too much memory') : error,
        ),
      );
    const onExit = () => end(() => reject(new Error('the thread has ended')));
    function end(complete: () => void): void {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      complete();
    }
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

/**
 * Starts a program in a thread. A program in TypeScript gets a loader, which threads do not inherit.
 * @param maxHeapMib maximum heap in MiB
 */
function startThread(file: URL, maxHeapMib: number, workerData: ThreadData): Worker {
  const resourceLimits = {
    maxOldGenerationSizeMb: maxHeapMib,
    maxYoungGenerationSizeMb: maxYoungMib,
    stackSizeMb: 4,
  };
  const options = { execArgv: [], resourceLimits, workerData };
  if (!file.pathname.endsWith('.ts')) return new Worker(file, options);
  const loaders = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = new URL('dist/esm/api/index.mjs', loaders).href;
  const [from, program] = [JSON.stringify(loader), JSON.stringify(file.href)];
  const code = `import(${from}).then(({ register }) => { register(); return import(${program}); })`;
  return new Worker(code, { ...options, eval: true });
}

/**
 * Locates the program of a thread or process. The program is in the folder of the file that starts it, compiled or
 * not.
 * @param starter `import.meta.url` of the starting file
 * @param name of the program's file, without extension
 */
export function workerEntryUrl(starter: string, name: string): URL {
  return new URL(`./${name}.${starter.endsWith('.ts') ? 'ts' : 'js'}`, starter);
}
