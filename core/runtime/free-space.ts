import { statfs } from 'node:fs/promises';

/** Room on the disk of the data folder: who is about to write there asks first. */
export interface Room {
  /**
   * Sets bytes aside for a write that is about to begin.
   * @returns what gives them back, to be called when the write is over
   * @throws an error with code `ENOSPC` when that would use what must stay free
   */
  take(bytes: number): Promise<() => void>;
  /** Whether less is free than must stay so. */
  isShort(): Promise<boolean>;
}

/** Milliseconds for which a measurement counts; what is taken meanwhile is subtracted from it. */
const measuredForMs = 250;

/**
 * Watches over the bytes that must stay free on a disk.
 * PostgreSQL writes there too, and stops for good where it cannot: so everything else has to stop before.
 * @param reserve bytes; 0 for no watch
 */
export function createRoom(folder: string, reserve: number): Room {
  let measuring: Promise<number> | undefined;
  let measuredAt = Number.NEGATIVE_INFINITY;
  let taken = 0;

  function measure(): Promise<number> {
    if (measuring && performance.now() - measuredAt < measuredForMs) return measuring;
    measuredAt = performance.now();
    // A folder that cannot be asked about is another part's to complain of.
    measuring = statfs(folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => Number.POSITIVE_INFINITY,
    );
    return measuring;
  }

  return {
    async take(bytes) {
      if (reserve > 0 && (await measure()) - taken - bytes < reserve) {
        throw Object.assign(
          new Error(`less than ${reserve} bytes would stay free in the data folder (STORAGE_RESERVE)`),
          { code: 'ENOSPC' },
        );
      }
      taken += bytes;
      let held = true;
      return () => {
        if (held) taken -= bytes;
        held = false;
      };
    },
    isShort: async () => reserve > 0 && (await measure()) < reserve,
  };
}
