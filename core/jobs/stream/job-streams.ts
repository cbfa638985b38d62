import type { Database } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import type { Job } from '../job.ts';
import type { JobWatch } from '../job-events.ts';
import { createJobStream, type FedStream, type JobStream } from './job-stream.ts';
import type { Position } from './position.ts';
import { readChanges, readPosition } from './read-changes.ts';

/** Streams that one process has at a time. */
const maxStreams = 1_000;

/** Milliseconds between two readings: changes that come meanwhile share the next. */
const pauseBetweenReadsMs = 20;

/** Milliseconds after which changes are read without a notification, since the process that owed it may have died. */
const maxReadIntervalMs = 15_000;

/** Streams of this process. */
export interface JobStreams {
  /**
   * Opens a stream of all changes from now on.
   * @param wants whether the reader asks for a job
   * @returns the stream, and the position where it begins
   * @throws {RegistryError} `service.busy` where the process has 1,000 streams
   */
  open(wants: (job: Job) => boolean): Promise<{ stream: JobStream; position: Position }>;
}

/**
 * Creates the streams of a process: one query for a change feeds them all. While there is no stream, nothing is read.
 * @param closing ends every stream when it aborts
 * @param onError gets the error of a reading that failed; the next event or the next quarter minute repeats it
 */
export function createJobStreams(
  db: Database,
  watch: Pick<JobWatch, 'onChange'>,
  { closing, onError }: { closing: AbortSignal; onError: (error: unknown) => void },
): JobStreams {
  const streams = new Set<FedStream>();
  let opening = 0;
  let position: Position | undefined;
  let starting: Promise<Position> | undefined;
  let feeding: Promise<void> | undefined;
  let hasUnreadChanges = false;
  let isReading = false;
  let rereading: NodeJS.Timeout | undefined;

  /** Feeds all streams the changes. No stream may be added meanwhile, since it would miss the first pages. */
  async function feedAll(since: Position): Promise<void> {
    const changes = await readChanges(db, since);
    if (changes.pages)
      for await (const page of changes.pages) for (const stream of streams) stream.feed(page);
    for (const stream of streams) stream.moveTo(changes.position, changes.pages === undefined);
    position = changes.position;
  }

  async function readUntilCurrent(): Promise<void> {
    isReading = true;
    try {
      while (hasUnreadChanges && position && streams.size > 0) {
        hasUnreadChanges = false;
        feeding = feedAll(position).finally(() => {
          feeding = undefined;
        });
        await feeding;
        await pauseBetweenReads();
      }
    } catch (error) {
      onError(error);
    } finally {
      isReading = false;
      forgetIfIdle();
    }
  }

  function wakeUp(): void {
    if (streams.size === 0) return;
    hasUnreadChanges = true;
    if (!isReading) void readUntilCurrent();
  }

  /** Forgets the position when there are no streams: the next stream begins at the newest change. */
  function forgetIfIdle(): void {
    if (streams.size + opening > 0) return;
    clearInterval(rereading);
    rereading = undefined;
    if (!isReading) position = undefined;
  }

  async function begin(): Promise<Position> {
    starting ??= readPosition(db).finally(() => {
      starting = undefined;
    });
    const read = await starting;
    position ??= read;
    return position;
  }

  async function add(wants: (job: Job) => boolean): Promise<{ stream: JobStream; position: Position }> {
    if (!position) await begin();
    while (feeding) await feeding.catch(() => undefined);
    if (!position) throw new Error('a stream has no position to begin at');
    const start = position;
    const stream = createJobStream(start, wants, (stopped) => {
      streams.delete(stopped);
      forgetIfIdle();
    });
    streams.add(stream);
    if (closing.aborted) stream.end();
    rereading ??= setInterval(wakeUp, maxReadIntervalMs);
    // Earlier notifications have found no stream to feed.
    wakeUp();
    return { stream, position: start };
  }

  watch.onChange(wakeUp);
  closing.addEventListener('abort', () => {
    for (const stream of streams) stream.end();
  });
  return {
    async open(wants) {
      if (streams.size + opening >= maxStreams) throw tooManyStreams();
      opening += 1;
      try {
        return await add(wants);
      } finally {
        opening -= 1;
        forgetIfIdle();
      }
    },
  };
}

function pauseBetweenReads(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseBetweenReadsMs));
}

function tooManyStreams(): RegistryError {
  return new RegistryError(
    'service.busy',
    `This process has ${maxStreams} streams of jobs, which is the limit. Close streams that nobody reads, or try again in a few seconds.`,
  );
}
