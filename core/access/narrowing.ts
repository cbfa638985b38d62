import type { Narrowing } from './principal.ts';
import { lowerRole, type SpaceRole } from './rights.ts';

/** Bounds of a token as its row has them; null where it has none. */
export interface StoredBounds {
  role: SpaceRole | null;
  charts: readonly string[] | null;
  spaceIds: readonly number[] | null;
}

/** Makes the narrowing of a token; undefined for one without bounds. */
export function toNarrowing({ role, charts, spaceIds }: StoredBounds): Narrowing | undefined {
  if (role === null && charts === null && spaceIds === null) return undefined;
  return {
    ...(role === null ? {} : { role }),
    ...(charts === null ? {} : { charts }),
    ...(spaceIds === null ? {} : { spaceIds: new Set(spaceIds) }),
  };
}

/** Intersects the bounds of a token with those of one made from it. Each may be absent. */
export function intersectNarrowings(
  one: Narrowing | undefined,
  other: Narrowing | undefined,
): Narrowing | undefined {
  if (!one || !other) return one ?? other;
  const role = one.role && other.role ? lowerRole(one.role, other.role) : (one.role ?? other.role);
  const spaceIds = intersectSets(one.spaceIds, other.spaceIds);
  const charts = one.charts ?? other.charts;
  return {
    ...(role === undefined ? {} : { role }),
    ...(spaceIds === undefined ? {} : { spaceIds }),
    ...(charts === undefined ? {} : { charts }),
  };
}

function intersectSets<T>(one: ReadonlySet<T> | undefined, other: ReadonlySet<T> | undefined) {
  if (!one || !other) return one ?? other;
  return new Set([...one].filter((item) => other.has(item)));
}
