import type { Job } from '../job.ts';
import { createPendingJobs } from './pending-jobs.ts';
import type { Position } from './position.ts';

/** Changes that a stream has received. */
export interface Received {
  /** Jobs as they are now, each once; empty where nothing has come in time. */
  jobs: readonly Job[];
  /** Position after them. */
  position: Position;
  /** Whether more has changed than is told, so that the reader has to read the list again. */
  isReset: boolean;
}

/** Stream of the changes of jobs to a reader. */
export interface JobStream {
  /**
   * Waits for changes since the last call.
   * @param timeoutMs after which it returns without any
   * @returns undefined once the signal aborts, the streams close, or the reader is too slow
   */
  next(signal: AbortSignal, timeoutMs: number): Promise<Received | undefined>;
  /** Aborts when the stream is cut off, so that a write in progress is too. */
  cutOff: AbortSignal;
  stop(): void;
}

/** Stream as its source sees it. */
export interface FedStream extends JobStream {
  /** Adds a page of changed jobs; cuts off a reader who has too many already. */
  feed(jobs: readonly Job[]): void;
  /** Ends a reading of changes: the stream has all before a position. */
  moveTo(position: Position, isReset: boolean): void;
  /** Ends the stream. */
  end(): void;
}

/**
 * Creates a stream that begins at a position.
 * @param wants whether the reader asks for a job
 * @param onStop called once, when the reader stops
 */
export function createJobStream(
  start: Position,
  wants: (job: Job) => boolean,
  onStop: (stream: FedStream) => void,
): FedStream {
  const pending = createPendingJobs();
  const ending = new AbortController();
  let position = start;
  let isReset = false;
  let wake: () => void = () => undefined;

  function wait(signal: AbortSignal, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => wake(), timeoutMs);
      wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        wake = () => undefined;
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  function end(): void {
    ending.abort();
    wake();
  }

  const stream: FedStream = {
    cutOff: ending.signal,
    async next(signal, timeoutMs) {
      const isOver = () => signal.aborted || ending.signal.aborted;
      if (pending.isEmpty() && !isReset && !isOver()) await wait(signal, timeoutMs);
      if (isOver()) return undefined;
      const received = { jobs: pending.take(), position, isReset };
      isReset = false;
      return received;
    },
    feed(jobs) {
      const wanted = jobs.filter(wants);
      if (wanted.length === 0) return;
      if (!pending.add(wanted)) return end();
      wake();
    },
    moveTo(next, wasLost) {
      position = next;
      if (!wasLost) return;
      isReset = true;
      wake();
    },
    end,
    stop() {
      end();
      onStop(stream);
    },
  };
  return stream;
}
