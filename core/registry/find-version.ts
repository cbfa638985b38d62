import type { Digest } from '../blobs/port.ts';
import type { Queryable } from '../db/port.ts';
import type { VersionRef } from './registry.ts';
import { versionNamed } from './version-lookup.ts';

/** What a version is made of. */
export interface StoredVersion {
  id: number;
  archive: Digest;
  provenance: Digest | null;
}

/** What a version is made of now, or undefined. */
export async function findVersion(
  db: Queryable,
  { space, chart, version }: VersionRef,
): Promise<StoredVersion | undefined> {
  const [found] = await db.query<StoredVersion>(
    `SELECT v.id, v.digest AS archive, v.provenance
       FROM versions v WHERE v.id = ${versionNamed('$1', '$2', '$3')}`,
    [space, chart, version],
  );
  return found;
}

export async function hasVersion(db: Queryable, ref: VersionRef): Promise<boolean> {
  return (await findVersion(db, ref)) !== undefined;
}
