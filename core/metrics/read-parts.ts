import type { Database } from '../db/port.ts';
import type { InFlight } from '../read-cache/in-flight.ts';
import { type CacheMeter, createCacheMeter } from '../runtime/cache-meter.ts';
import type { Metrics } from './metrics.ts';

/** Meters of the caches whose reads are counted. */
export type CacheMeters = Readonly<
  Record<'responses' | 'downloads' | 'blobs' | 'indexes' | 'files', CacheMeter>
>;

/** Creates the meters of all caches. */
export function createCacheMeters(): CacheMeters {
  return {
    responses: createCacheMeter(),
    downloads: createCacheMeter(),
    blobs: createCacheMeter(),
    indexes: createCacheMeter(),
    files: createCacheMeter(),
  };
}

/** Adds the metrics of this process's parts: caches, connections to PostgreSQL, answers in memory. */
export function addCacheAndPoolMetrics(
  metrics: Metrics,
  { db, inFlight, caches }: { db: Database; inFlight: InFlight; caches: CacheMeters },
): void {
  metrics.addReader((set) => {
    for (const [cache, { hits, misses, bytes }] of Object.entries(caches)) {
      set('cache_hits_total', { cache }, hits);
      set('cache_misses_total', { cache }, misses);
      set('cache_bytes', { cache }, bytes());
    }
    const { busy, idle, waiting } = db.connections();
    set('database_connections', { state: 'busy' }, busy);
    set('database_connections', { state: 'idle' }, idle);
    set('database_waiting', {}, waiting);
    set('response_bytes_in_flight', {}, inFlight.bytes());
  });
}
