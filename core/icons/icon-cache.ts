import { LRUCache } from 'lru-cache';
import { createByteCache } from '../runtime/byte-cache.ts';
import { createConcurrencyLimiter } from '../runtime/concurrency.ts';
import { shareCalls } from '../runtime/share-calls.ts';
import type { FetchIcon } from './fetch-icon.ts';
import { type Icon, toIcon } from './icon.ts';

/** Cache of icons by their web address. */
export interface IconCache {
  /** Returns the icon at an address; undefined where there is none, or it cannot be had soon. */
  read(url: string): Promise<Icon | undefined>;
}

/** Times and bounds of the cache. */
const bounds = {
  bytes: 16 * 1024 * 1024,
  /** Milliseconds after which a kept icon is fetched again. */
  freshMs: 24 * 3_600_000,
  /** Milliseconds for which an address that had no icon is not asked again. */
  absentMs: 10 * 60_000,
  /** Milliseconds for which a host that did not answer is not asked again. */
  hostMs: 60_000,
  /** Remembered failures, of addresses and of hosts. */
  failures: 2_000,
  /** Milliseconds from the request to the icon. */
  timeoutMs: 5_000,
  /** Fetches at a time. */
  fetches: 8,
};

/** Parts of a cache that tests replace. */
export type IconCacheBounds = typeof bounds;

interface KeptIcon {
  icon: Icon;
  fetchedAt: number;
}

/**
 * Creates a cache of icons. A dead host delays the first requests for its icons, by five seconds at the most, and none
 * for a minute after that. An icon that was fetched once is shown while its host is away.
 */
export function createIconCache(fetchIcon: FetchIcon, overrides: Partial<IconCacheBounds> = {}): IconCache {
  const { bytes, freshMs, absentMs, hostMs, failures, timeoutMs, fetches } = { ...bounds, ...overrides };
  const kept = createByteCache<KeptIcon>(bytes);
  const absent = new LRUCache<string, true>({ max: failures, ttl: absentMs });
  const deadHosts = new LRUCache<string, true>({ max: failures, ttl: hostMs });
  const limiter = createConcurrencyLimiter(fetches);
  const shareFetch = shareCalls<string, Icon | undefined>();

  async function fetchNew(url: string, host: string): Promise<Icon | undefined> {
    const startedAt = performance.now();
    const fetched = await limiter.run(async () => {
      const left = timeoutMs - (performance.now() - startedAt);
      // Those that waited for a slot too long, or for a host that has turned out dead, are not tried.
      return left <= 0 || deadHosts.has(host) ? undefined : fetchIcon(url, left);
    });
    if (!fetched) return undefined;
    const icon = 'bytes' in fetched ? toIcon(fetched.bytes) : undefined;
    if (icon) kept.set(url, { icon, fetchedAt: performance.now() }, icon.bytes.length);
    else absent.set(url, true);
    if ('unreachable' in fetched && fetched.unreachable) deadHosts.set(host, true);
    return icon;
  }

  return {
    async read(url) {
      const known = kept.get(url);
      if (known && performance.now() - known.fetchedAt < freshMs) return known.icon;
      const host = URL.canParse(url) ? new URL(url).host : '';
      if (host === '' || absent.has(url) || deadHosts.has(host)) return known?.icon;
      return (await shareFetch(url, () => fetchNew(url, host))) ?? known?.icon;
    },
  };
}
