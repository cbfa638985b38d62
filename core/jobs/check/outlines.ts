import { buffer } from 'node:stream/consumers';
import type { BlobStore, Digest } from '../../blobs/port.ts';
import { longestOutline } from '../../chart/outline.ts';
import type { Database } from '../../db/port.ts';

/** The outlines of stored versions, by the digest of their archive. */
export interface OutlineStore {
  /**
   * @param make makes one from an archive, for a version that was stored without
   * @returns undefined when there is no such version any more
   */
  load(digest: Digest, make: (archive: Buffer) => Promise<string>): Promise<string | undefined>;
}

export function createOutlineStore(db: Database, blobs: BlobStore): OutlineStore {
  return {
    async load(digest, make) {
      const [row] = await db.query<{ outline: string | null }>(
        'SELECT outline FROM versions WHERE digest = $1 ORDER BY outline IS NULL LIMIT 1',
        [digest],
      );
      if (!row) return undefined;
      if (row.outline !== null) return row.outline;
      const stored = await blobs.open(digest);
      if (!stored) return undefined;
      const outline = await make(await buffer(stored));
      if (outline.length <= longestOutline) await keepOutline(db, digest, outline);
      return outline;
    },
  };
}

/** Rows that somebody is writing are passed over: the next one who needs the outline tries again. */
async function keepOutline(db: Database, digest: Digest, outline: string): Promise<void> {
  await db.query(
    `UPDATE versions SET outline = $2
      WHERE id IN (SELECT id FROM versions WHERE digest = $1 AND outline IS NULL FOR UPDATE SKIP LOCKED)`,
    [digest, outline],
  );
}
