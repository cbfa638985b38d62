import type { Digest } from '../core/blobs/port.ts';
import type { SourceCache } from './source-cache.ts';

/**
 * Length of a pause after a useless fetch, as a multiple of the fetch's duration: a tenth of the time is spent on
 * fetching.
 */
const pauseFactor = 9;

/**
 * Creates the background fetch of sources that the cache lacked, one at a time. Once the cache is full, or evicts a
 * source immediately, at most a tenth of the time goes into fetching: more sources may be requested than fit.
 * @returns called with the digest of each missing source
 */
export function createBackgroundPrefetch(
  cache: SourceCache,
  onError: (digest: Digest, error: unknown) => void,
): (digest: Digest) => void {
  let isBusy = false;
  let idleUntil = 0;

  async function fetch(digest: Digest): Promise<void> {
    const startedAt = performance.now();
    try {
      await cache.load(digest);
    } catch (error) {
      onError(digest, error);
    }
    const now = performance.now();
    const stays = cache.peek(digest) !== undefined && !cache.isFull();
    idleUntil = stays ? now : now + pauseFactor * (now - startedAt);
    isBusy = false;
  }

  return (digest) => {
    if (isBusy || performance.now() < idleUntil) return;
    isBusy = true;
    void fetch(digest);
  };
}
