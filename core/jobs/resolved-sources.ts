import type { FindSource, FoundSource } from '../recipe/plan.ts';
import type { Configuration, Recipe } from '../recipe/recipe.ts';
import { listRecipeSources } from '../recipe/sources.ts';
import { versionNameOf } from '../registry/names.ts';
import type { VersionRef } from '../registry/registry.ts';
import { createByteCache } from '../runtime/byte-cache.ts';

/**
 * Caches the digest and metadata of versions used as sources.
 * Entries may be out of date. A plan made from them is therefore checked by `lockSources` in the transaction that
 * stores it.
 */
export interface ResolvedSourceCache {
  add(ref: VersionRef, source: FoundSource): void;
  /** @returns undefined when a source is not cached, or is a range or `latest` */
  find(recipe: Recipe<Configuration>): FindSource | undefined;
}

/** Bytes of cached metadata. */
const maxCachedMetadataBytes = 8 * 1024 * 1024;

/** Creates an empty cache of sources. */
export function createResolvedSourceCache(): ResolvedSourceCache {
  const cached = createByteCache<FoundSource>(maxCachedMetadataBytes);
  const find: FindSource = (space, chart, version) => cached.get(versionNameOf({ space, chart, version }));
  return {
    add: (ref, source) => cached.set(versionNameOf(ref), source, JSON.stringify(source.metadata).length),
    find: (recipe) =>
      listRecipeSources(recipe).every(
        ({ space, chart, version, pick }) => !pick && find(space, chart, version),
      )
        ? find
        : undefined,
  };
}
