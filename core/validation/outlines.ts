import { buffer } from 'node:stream/consumers';
import type { BlobStore, Digest } from '../blobs/port.ts';
import { currentFormPrefix, maxOutlineBytes } from '../chart/outline.ts';
import type { Database } from '../db/port.ts';

/** Store of outlines by the digest of their archive. Each is made when a version is first used as a source. */
export interface OutlineStore {
  /**
   * Loads an outline, or makes it.
   * @param make makes it from the archive, where there is none or one of an earlier release
   * @returns undefined when the version no longer exists, or its archive cannot be read
   */
  load(digest: Digest, make: (archive: Buffer) => Promise<string | undefined>): Promise<string | undefined>;
}

/** Creates the store of outlines. */
export function createOutlineStore(db: Database, blobs: BlobStore): OutlineStore {
  return {
    async load(digest, make) {
      const [row] = await db.query<{ outline: string | null }>(
        'SELECT outline FROM versions WHERE digest = $1 ORDER BY starts_with(outline, $2) DESC NULLS LAST LIMIT 1',
        [digest, currentFormPrefix],
      );
      if (!row) return undefined;
      if (row.outline?.startsWith(currentFormPrefix)) return row.outline;
      const stored = await blobs.open(digest);
      if (!stored) return undefined;
      const outline = await make(await buffer(stored));
      if (outline !== undefined) await saveOutline(db, digest, outline);
      return outline;
    },
  };
}

/**
 * Saves an outline unless it is too large to keep.
 * It skips locked rows: the next caller that needs the outline tries again.
 */
export async function saveOutline(db: Database, digest: Digest, outline: string): Promise<void> {
  if (outline.length > maxOutlineBytes) return;
  await db.query(
    `UPDATE versions SET outline = $2
      WHERE id IN (SELECT id FROM versions WHERE digest = $1 AND outline IS DISTINCT FROM $2 FOR UPDATE SKIP LOCKED)`,
    [digest, outline],
  );
}
