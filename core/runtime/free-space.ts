import { statfs } from 'node:fs/promises';

/** Guard of the free space on the disk of the data folder. Writers reserve their bytes first. */
export interface FreeSpaceGuard {
  /**
   * Reserves bytes for a write that is about to begin.
   * @returns a function that frees the reservation; call it when the write is over
   * @throws an error with code `ENOSPC` when the write would use space that must stay free
   */
  reserve(bytes: number): Promise<() => void>;
  /** Tells whether less space is free than must stay free. */
  isShort(): Promise<boolean>;
}

/** Tells whether a disk has less than some bytes free. One that cannot be examined has not. */
export async function lacksBytes(folder: string, bytes: number): Promise<boolean> {
  return (await measureFree(folder)) < bytes;
}

/** Milliseconds for which a measurement is valid; reservations made meanwhile are subtracted from it. */
const measuredForMs = 250;

/**
 * Creates the guard of the space that must stay free on a disk. PostgreSQL writes to the same disk and stops
 * for good when it is full, so every other write must stop before.
 * @param reserve bytes that must stay free; 0 switches the guard off
 */
export function createFreeSpaceGuard(folder: string, reserve: number): FreeSpaceGuard {
  let measuring: Promise<number> | undefined;
  let measuredAt = Number.NEGATIVE_INFINITY;
  let reserved = 0;

  function measure(): Promise<number> {
    if (measuring && performance.now() - measuredAt < measuredForMs) return measuring;
    measuredAt = performance.now();
    measuring = measureFree(folder);
    return measuring;
  }

  return {
    async reserve(bytes) {
      if (reserve > 0 && (await measure()) - reserved - bytes < reserve) {
        throw Object.assign(
          new Error(`less than ${reserve} bytes would stay free in the data folder (STORAGE_RESERVE)`),
          { code: 'ENOSPC' },
        );
      }
      reserved += bytes;
      let isReserved = true;
      return () => {
        if (isReserved) reserved -= bytes;
        isReserved = false;
      };
    },
    isShort: async () => reserve > 0 && (await measure()) < reserve,
  };
}

function measureFree(folder: string): Promise<number> {
  // Another part reports a folder that cannot be examined.
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.POSITIVE_INFINITY,
  );
}
