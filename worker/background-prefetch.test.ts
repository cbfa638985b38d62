import { expect, it, onTestFinished, vi } from 'vitest';
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

/** Creates a cache that takes 10 ms to load a source. */
function createSlowCache() {
  const cached = new Map<Digest, Source>();
  const loaded: Digest[] = [];
  return {
    loaded,
    full: false,
    keeps: true,
    async load(digest: Digest) {
      loaded.push(digest);
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (this.keeps) cached.set(digest, source);
      return source;
    },
    peek: (digest: Digest) => cached.get(digest),
    isFull() {
      return this.full;
    },
  };
}

/** Starts a prefetch on fake timers. */
function startPrefetch() {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const cache = createSlowCache();
  const failed: Digest[] = [];
  const miss = createBackgroundPrefetch(cache, (digest) => failed.push(digest));
  return { cache, failed, miss };
}

it('fetches missing sources one at a time, without pauses while the cache has room', async () => {
  const { cache, miss } = startPrefetch();
  miss(digestOf(1));
  miss(digestOf(2));
  await vi.advanceTimersByTimeAsync(10);
  miss(digestOf(2));
  await vi.advanceTimersByTimeAsync(10);
  miss(digestOf(3));
  expect(cache.loaded).toEqual([1, 2, 3].map(digestOf));
});

it.each([
  ['the cache is full', { full: true }],
  ['a source is evicted at once', { keeps: false }],
])('spends a tenth of the time on fetching when %s', async (_, behaviour) => {
  const { cache, miss } = startPrefetch();
  Object.assign(cache, behaviour);
  for (let at = 0; at < 1000; at += 1) {
    miss(digestOf(at));
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(cache.loaded.length).toBe(10);
});

it('fetches other sources after a pause when a fetch has failed', async () => {
  const { cache, failed, miss } = startPrefetch();
  const load = cache.load;
  cache.load = () => Promise.reject(new Error('the bytes are missing'));
  miss(digestOf(1));
  await vi.advanceTimersByTimeAsync(1);
  cache.load = load;
  miss(digestOf(2));
  expect([failed, cache.loaded]).toEqual([[digestOf(1)], [digestOf(2)]]);
});
