import { systemActor } from './access/actor.ts';
import { fullReadScope, publicReadScope } from './access/decide.ts';
import { accessMode } from './config/access-mode.ts';
import type { Config } from './config/settings.ts';
import type { InFlight } from './read-cache/in-flight.ts';
import { createContentsCache } from './registry/contents-cache.ts';
import { createPublisher, type UploadDeps } from './registry/publish-batch.ts';
import type { RegistryDeps } from './registry/registry.ts';
import type { CacheMeter } from './runtime/cache-meter.ts';
import { createConcurrencyLimiter } from './runtime/concurrency.ts';

/** Rewrites of metadata or values that one process runs concurrently. */
const maxConcurrentRewrites = 2;

/** Opened parts that the use cases on charts need. */
export type OpenedRegistryDeps = Pick<RegistryDeps, 'db' | 'blobs' | 'locks' | 'limits' | 'charts'> & {
  inFlight: InFlight;
};

/** Adds the concurrency limiters and policies of the registry to opened parts. */
export function createRegistryDeps(
  config: Config,
  { inFlight, ...opened }: OpenedRegistryDeps,
  meter: CacheMeter,
): UploadDeps {
  return {
    ...opened,
    contents: createContentsCache(opened, {
      maxBytes: config.filesCache,
      admit: inFlight.admitInTurn,
      meter,
    }),
    publisher: createPublisher(opened.locks),
    rewriting: createConcurrencyLimiter(maxConcurrentRewrites),
    autoCreateSpaces: config.autoCreateSpaces,
    overwriting: config.overwriting,
    suggestible: accessMode(config) === 'guarded' ? publicReadScope : fullReadScope,
    actor: systemActor,
  };
}
