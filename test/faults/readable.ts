import { recipeSpaces } from './make-waves.ts';
import { keyOf, type Operation, pathOf } from './operations.ts';
import type { Readable } from './readers.ts';
import type { Workload } from './workload.ts';

/**
 * Collects the paths and digests that readers may see while operations are performed.
 * @param truth digest of every version after an undisturbed run, by key
 */
export function readableOf(
  waves: readonly (readonly Operation[])[],
  truth: ReadonlyMap<string, string>,
  { published }: Pick<Workload, 'published'>,
): Readable {
  const versions = new Map<string, Set<string>>();
  const keys = new Map<string, string>();
  for (const operation of waves.flat()) {
    const key = keyOf(operation.ref);
    const path = pathOf(operation.ref);
    const last = truth.get(key);
    if (last === undefined) continue;
    keys.set(path, key);
    const before = operation.kind === 'replacing' ? operation.contents.map(({ digest }) => digest) : [];
    versions.set(path, new Set([...before, last]));
  }
  return {
    versions,
    lists: recipeSpaces.flatMap((space) => [
      `/api/v1/spaces/${space}/charts`,
      `/api/v1/spaces/${space}/metadata`,
    ]),
    isPublished: (path) => published.has(keys.get(path) ?? ''),
  };
}
