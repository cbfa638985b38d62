import type { Queryable } from '../db/port.ts';
import { parsePick } from '../recipe/version-pick.ts';
import { versionNameOf } from '../registry/names.ts';
import { pickVersions } from '../registry/pick-version.ts';
import { isStrictVersion, parseVersion } from '../semver/version.ts';
import { type StoredVersionNow, selectStoredVersions } from './stored-now.ts';

/** Source of a composed version, as its lineage or a recipe names it. */
export interface RequestedSource {
  space: string;
  chart: string;
  /** Version, range or `latest`. */
  requested: string;
  /** Version that it was resolved to, if it was. */
  version?: string;
}

/**
 * Resolves sources to the versions that they mean now. Three queries serve all of them. A whole version is exact,
 * unless it was resolved to another text: then it is a range of Chart.yaml. Other texts that load as versions, such
 * as `1.2`, are exact where such a version is stored, and otherwise a range.
 * @returns results in the order of `sources`; undefined where nothing stored is meant
 */
export async function resolveNow(
  db: Queryable,
  sources: readonly RequestedSource[],
): Promise<(StoredVersionNow | undefined)[]> {
  const exact = sources.filter(({ requested }) => parseVersion(requested)).map(toExact);
  const stored = await selectStoredVersions(db, exact);
  const found = new Map<string, StoredVersionNow>();
  const open = new Map<string, RequestedSource>();
  for (const source of sources) {
    const key = versionNameOf(toExact(source));
    const own = stored.get(key);
    if (own) found.set(key, own);
    else if (!isExact(source)) open.set(key, source);
  }
  for (const [key, version] of await pickHighestVersions(db, open)) found.set(key, version);
  return sources.map((source) => found.get(versionNameOf(toExact(source))));
}

/** Picks the highest version for each range. @returns what was found, by the keys of `open` */
async function pickHighestVersions(
  db: Queryable,
  open: ReadonlyMap<string, RequestedSource>,
): Promise<Map<string, StoredVersionNow>> {
  const wanted = [...open].flatMap(([key, { space, chart, requested }]) => {
    const pick = parsePick(requested);
    return pick ? [{ key, space, chart, pick }] : [];
  });
  const versions = await pickVersions(db, wanted);
  const picked = wanted.flatMap(({ key, space, chart }, index) => {
    const version = versions[index];
    return version === undefined ? [] : [{ key, space, chart, version }];
  });
  const stored = await selectStoredVersions(db, picked);
  return new Map(
    picked.flatMap(({ key, ...ref }) => {
      const version = stored.get(versionNameOf(ref));
      return version ? [[key, version]] : [];
    }),
  );
}

function isExact({ requested, version = requested }: RequestedSource): boolean {
  return isStrictVersion(requested) && version === requested;
}

function toExact({ space, chart, requested }: RequestedSource) {
  return { space, chart, version: requested };
}
