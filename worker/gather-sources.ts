import type { ChartLimits } from '../core/archive/limits.ts';
import type { Digest } from '../core/blobs/port.ts';
import { RegistryError } from '../core/errors.ts';
import type { Plan } from '../core/recipe/plan.ts';
import type { Configuration } from '../core/recipe/recipe.ts';
import { storedSources } from '../core/recipe/sources.ts';
import { type LoadedSource, unpackedSizeOf } from '../core/sources/large-sources.ts';

/**
 * Largest size of a job's sources together, as a multiple of the largest chart: all are in memory at the same time.
 */
const maxSourcesFactor = 3;

/** Sources of a plan, each archive once, as far as they are loaded. */
export interface GatheredSources {
  wanted: readonly Digest[];
  sources: ReadonlyMap<Digest, LoadedSource>;
  /**
   * Adds a loaded source.
   * @throws {RegistryError} `archive.tooLarge` when the sources together are too large
   */
  add(digest: Digest, source: LoadedSource): void;
}

/**
 * Creates an empty collection of a plan's sources.
 * @param limits.unpacked bytes of the largest chart
 */
export function createGatheredSources(plan: Plan<Configuration>, { unpacked }: ChartLimits): GatheredSources {
  const sources = new Map<Digest, LoadedSource>();
  const maxUnpacked = maxSourcesFactor * unpacked;
  let size = 0;
  return {
    wanted: [...new Set(storedSources(plan.root).map(({ digest }) => digest))],
    sources,
    add(digest, source) {
      sources.set(digest, source);
      size += unpackedSizeOf(source);
      if (size <= maxUnpacked) return;
      throw new RegistryError(
        'archive.tooLarge',
        `The recipe's sources have more than ${maxUnpacked} bytes unpacked. Take fewer or smaller sources, or have the operator raise LIMIT_UNPACKED.`,
      );
    },
  };
}
