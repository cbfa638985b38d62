import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Digest } from '../core/blobs/port.ts';
import type { Source } from '../core/recipe/compose-prepared.ts';
import { createBackgroundPrefetch } from './background-prefetch.ts';

const digestOf = (number: number): Digest => `sha256:${number}`;
const source: Source = {
  chart: {
    name: 'web',
    version: '1.0.0',
    apiVersion: 'v2',
    manifest: {},
    dependencies: [],
    values: {},
    files: new Map(),
    subcharts: [],
  },
  prepared: { pieces: new Map(), editables: new Map(), editCaches: new Map() },
};

/** A cache in which a source takes 10 ms to be there. */
function createSlowCache() {
  const kept = new Map<Digest, Source>();
  const asked: Digest[] = [];
  return {
    asked,
    full: false,
    keeps: true,
    async load(digest: Digest) {
      asked.push(digest);
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (this.keeps) kept.set(digest, source);
      return source;
    },
    peek: (digest: Digest) => kept.get(digest),
    isFull() {
      return this.full;
    },
  };
}

describe('a source that was missed', () => {
  let cache: ReturnType<typeof createSlowCache>;
  let miss: (digest: Digest) => void;
  const failed: Digest[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    cache = createSlowCache();
    miss = createBackgroundPrefetch(cache, (digest) => failed.push(digest));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is fetched, one at a time, one after the other as long as there is room', async () => {
    miss(digestOf(1));
    miss(digestOf(2));
    await vi.advanceTimersByTimeAsync(10);
    miss(digestOf(2));
    await vi.advanceTimersByTimeAsync(10);
    miss(digestOf(3));
    expect(cache.asked).toEqual([1, 2, 3].map(digestOf));
  });

  it.each([
    ['something has to go for it', { full: true }],
    ['it does not stay', { keeps: false }],
  ])('is fetched in a tenth of the time where %s', async (_, how) => {
    Object.assign(cache, how);
    for (let at = 0; at < 1000; at += 1) {
      miss(digestOf(at));
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(cache.asked.length).toBe(10);
  });

  it('may fail, and others are fetched after a while', async () => {
    const fine = cache.load;
    cache.load = () => Promise.reject(new Error('the bytes are missing'));
    miss(digestOf(1));
    await vi.advanceTimersByTimeAsync(1);
    cache.load = fine;
    miss(digestOf(2));
    expect([failed, cache.asked]).toEqual([[digestOf(1)], [digestOf(2)]]);
  });
});
