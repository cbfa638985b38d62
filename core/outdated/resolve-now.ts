import type { Queryable } from '../db/port.ts';
import { parsePick } from '../recipe/version-pick.ts';
import { nameOf } from '../registry/names.ts';
import { pickVersions } from '../registry/pick-version.ts';
import { parseVersion } from '../semver/version.ts';
import { type StoredNow, selectStored } from './stored-now.ts';

/** Source of a composed version, as its lineage or a recipe names it. */
export interface RequestedSource {
  space: string;
  chart: string;
  /** Version, range or `latest`. */
  requested: string;
}

/** Three parts, as a version has them that stands for itself alone. */
const fullVersion = /^v?\d+\.\d+\.\d+/;

/**
 * Resolves sources to the versions that they mean now, in three queries for all of them.
 * A text that loads as a version is that version, where it is stored; `1.2`, where it is not, is a range, as in a
 * dependency of a chart.
 * @returns results in the order of `sources`; undefined where nothing stored is meant
 */
export async function resolveNow(
  db: Queryable,
  sources: readonly RequestedSource[],
): Promise<(StoredNow | undefined)[]> {
  const exact = sources.filter(({ requested }) => parseVersion(requested)).map(toExact);
  const stored = await selectStored(db, exact);
  const found = new Map<string, StoredNow>();
  const open = new Map<string, RequestedSource>();
  for (const source of sources) {
    const key = nameOf(toExact(source));
    const own = stored.get(key);
    if (own) found.set(key, own);
    else if (!fullVersion.test(source.requested) || !parseVersion(source.requested)) open.set(key, source);
  }
  for (const [key, version] of await pick(db, open)) found.set(key, version);
  return sources.map((source) => found.get(nameOf(toExact(source))));
}

/** Picks the highest version for each range. @returns what was found, by the keys of `open` */
async function pick(
  db: Queryable,
  open: ReadonlyMap<string, RequestedSource>,
): Promise<Map<string, StoredNow>> {
  const wanted = [...open].flatMap(([key, { space, chart, requested }]) => {
    const pick = parsePick(requested);
    return pick ? [{ key, space, chart, pick }] : [];
  });
  const versions = await pickVersions(db, wanted);
  const picked = wanted.flatMap(({ key, space, chart }, index) => {
    const version = versions[index];
    return version === undefined ? [] : [{ key, space, chart, version }];
  });
  const stored = await selectStored(db, picked);
  return new Map(
    picked.flatMap(({ key, ...ref }) => {
      const version = stored.get(nameOf(ref));
      return version ? [[key, version]] : [];
    }),
  );
}

function toExact({ space, chart, requested }: RequestedSource) {
  return { space, chart, version: requested };
}
