import type { FindSource, FoundSource } from '../recipe/plan.ts';
import type { Config, Recipe } from '../recipe/recipe.ts';
import { sourcesOf } from '../recipe/sources.ts';
import { nameOf } from '../registry/names.ts';
import type { VersionRef } from '../registry/registry.ts';
import { createByteCache } from '../runtime/byte-cache.ts';

/**
 * What stored versions were when somebody last asked for them. It may be out of date, so it is a guess: whoever writes a plan
 * down that was made of it asks in the same transaction whether it still holds.
 */
export interface ResolvedSourceCache {
  note(ref: VersionRef, source: FoundSource): void;
  /** @returns nothing where a source is not known, or not an exact version */
  find(recipe: Recipe<Config>): FindSource | undefined;
}

/** Bytes of metadata that are remembered. */
const capacity = 8 * 1024 * 1024;

export function createResolvedSourceCache(): ResolvedSourceCache {
  const known = createByteCache<FoundSource>(capacity);
  const find: FindSource = (space, chart, version) => known.get(nameOf({ space, chart, version }));
  return {
    note: (ref, source) => known.set(nameOf(ref), source, JSON.stringify(source.metadata).length),
    find: (recipe) =>
      sourcesOf(recipe).every(({ space, chart, version, pick }) => !pick && find(space, chart, version))
        ? find
        : undefined,
  };
}
