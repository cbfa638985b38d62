import type { Job } from '../job.ts';
import { createPendingJobs } from './pending-jobs.ts';
import type { Position } from './position.ts';
import type { ChangedJob } from './read-changes.ts';

/** Changes that a stream has received. */
export interface ReceivedChanges {
  /** Jobs as they are now, each once; empty where nothing has come in time. */
  jobs: readonly ChangedJob[];
  /** Position after them. */
  position: Position;
  /** Whether more has changed than was sent, so that the reader has to read the list again. */
  isReset: boolean;
}

/** Stream of the changes of jobs to a reader. */
export interface JobStream {
  /**
   * Waits for changes since the last call.
   * @param timeoutMs after which it returns without any
   * @returns undefined once the stream has ended: its reader has stopped or is too slow, or the process closes
   */
  next(timeoutMs: number): Promise<ReceivedChanges | undefined>;
  /** Aborts when the reader is too slow, so that a write in progress is cut off. */
  cutOff: AbortSignal;
  stop(): void;
}

/** Stream as its source sees it. */
export interface FedStream extends JobStream {
  /** Adds a page of changed jobs; cuts off a reader who has too many already. */
  feed(jobs: readonly ChangedJob[]): void;
  /** Ends a reading of changes: the stream has all before a position. */
  moveTo(position: Position, isReset: boolean): void;
  /** Ends the stream in good order. */
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
  const cutting = new AbortController();
  let position = start;
  let isReset = false;
  let isOver = false;
  let wake: () => void = () => undefined;

  function wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => wake(), timeoutMs);
      wake = () => {
        clearTimeout(timer);
        wake = () => undefined;
        resolve();
      };
    });
  }

  function end(): void {
    isOver = true;
    wake();
  }

  const stream: FedStream = {
    cutOff: cutting.signal,
    async next(timeoutMs) {
      if (pending.isEmpty() && !isReset && !isOver) await wait(timeoutMs);
      if (isOver) return undefined;
      const received = { jobs: pending.take(), position, isReset };
      isReset = false;
      return received;
    },
    feed(jobs) {
      const wanted = jobs.filter(({ job }) => wants(job));
      if (isOver || wanted.length === 0) return;
      if (pending.add(wanted)) return wake();
      end();
      cutting.abort();
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
