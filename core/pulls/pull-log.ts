import type { Database } from '../db/port.ts';
import type { Log } from '../runtime/log.ts';
import { createWriteBehind } from '../runtime/write-behind.ts';
import type { Pull } from './record-pulls.ts';
import { recordPulls } from './record-pulls.ts';

/**
 * Log of downloads by day. It delays no download: they are noted in memory and written in batches, so a process that dies
 * loses those of the last batch.
 */
export interface PullLog {
  /**
   * Notes the download of an archive or manifest today.
   * @param name name of the chart, or of the OCI repository below the space
   */
  note(space: string, name: string, digest: string): void;
  /** Writes what was noted before; resolves when it is written, or the write has failed and is put off. */
  flush(): Promise<void>;
  /** Writes what is left, and ends. */
  close(): Promise<void>;
}

/** Options of a log of downloads. */
export interface PullLogOptions {
  /** Milliseconds from one write to the next. */
  intervalMs?: number;
  /** Archives and manifests that are remembered as noted today, and that may wait for a write. */
  maxNoted?: number;
  /** Tells the time, in milliseconds since 1970. */
  now?: () => number;
}

/** Downloads in one statement. */
const maxPullsPerStatement = 1_000;

/** Milliseconds of a day. */
const dayMs = 86_400_000;

/** Creates the log of one process. */
export function createPullLog(
  db: Pick<Database, 'query'>,
  log: Log,
  { intervalMs = 30_000, maxNoted = 20_000, now = Date.now }: PullLogOptions = {},
): PullLog {
  /** Keys that were noted today: a further download on the day changes nothing. */
  const noted = new Set<string>();
  let waiting: Pull[] = [];
  let today = 0;
  let day = '';
  let dropped = 0;

  async function writeAll(): Promise<void> {
    try {
      while (waiting.length > 0) {
        const batch = waiting.slice(0, maxPullsPerStatement);
        await recordPulls(db, batch);
        waiting = waiting.slice(batch.length);
      }
    } catch (error) {
      log.warn({ error, waiting: waiting.length }, 'downloads were not recorded, it is tried again');
    }
    if (dropped > 0) log.warn({ dropped }, 'downloads were not recorded, since too many waited');
    dropped = 0;
  }

  const writer = createWriteBehind(writeAll, intervalMs);

  return {
    note(space, name, digest) {
      const number = Math.floor(now() / dayMs);
      if (number !== today || noted.size >= maxNoted) {
        noted.clear();
        today = number;
        day = new Date(number * dayMs).toISOString().slice(0, 10);
      }
      const key = `${space}/${name} ${digest}`;
      if (noted.has(key)) return;
      noted.add(key);
      if (waiting.length < maxNoted) waiting.push({ space, name, digest, day });
      else dropped += 1;
      if (waiting.length === maxPullsPerStatement) writer.begin();
    },
    flush: writer.flush,
    close: writer.close,
  };
}
