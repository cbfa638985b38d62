import type { Digest } from '../core/blobs/port.ts';
import type { SourceCache } from './source-cache.ts';

/** Pauses are so many times as long as what came before took, where it may have been in vain. */
const pauseFactor = 9;

/**
 * Fetches sources that were missed, one at a time, with nobody waiting for them. Once the cache is full, or a source does not
 * stay in it, no more than a tenth of the time is spent on that: more sources may be asked for than there is room for.
 * @returns what is told of a source that was missed
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
