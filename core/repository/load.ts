import type { Database, Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { type SpaceState, stateColumns, toState } from '../read-cache/space-state.ts';
import { listedEntrySql, maxListedEntry } from './listed-entry.ts';
import { createListing, type Listing } from './listing.ts';
import type { ListedVersion } from './segment.ts';

/** A listing and the state of the space that it shows. */
export interface LoadedListing {
  state: SpaceState;
  listing: Listing;
}

interface StateRow {
  id: number;
  revision: number;
  changed_at: string;
}

/** Largest total of entries of one index in bytes (256 MiB); Helm fails with far smaller indexes. */
const maxIndexBytes = 256 * 1024 * 1024;

/** Checks the size of an index before its entries are read. @throws {RegistryError} `index.tooLarge` */
async function checkSize(db: Queryable, spaceId: number): Promise<void> {
  // PostgreSQL knows the length of a text without decompressing it.
  const [sum] = await db.query<{ bytes: number | null }>(
    `SELECT sum(least(octet_length(v.entry), ${maxListedEntry}))::bigint AS bytes
       FROM charts c JOIN versions v ON v.chart_id = c.id WHERE c.space_id = $1`,
    [spaceId],
  );
  if ((sum?.bytes ?? 0) <= maxIndexBytes) return;
  throw new RegistryError(
    'index.tooLarge',
    `The index of this space would have more than ${maxIndexBytes} bytes. Read its charts page by page, or spread them over several spaces.`,
  );
}

/** Rows that are fetched together: a whole large space would be in memory twice. */
const batchSize = 2_000;

/**
 * Reads the listing of a space from one snapshot of the database, in batches.
 * @returns undefined when the space does not exist
 * @throws {RegistryError} `index.tooLarge`
 */
export function loadListing(db: Database, spaceId: number): Promise<LoadedListing | undefined> {
  return db.transaction(async (tx) => {
    await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await checkSize(tx, spaceId);
    const [row] = await tx.query<StateRow>(`SELECT ${stateColumns} FROM spaces WHERE id = $1`, [spaceId]);
    if (!row) return undefined;
    const listing = createListing();
    // In the order of the listing, where adding to the end costs least.
    await tx.query(
      `DECLARE listed CURSOR FOR
       SELECT c.name AS chart, v.version, v.sort_key AS "sortKey", ${listedEntrySql} AS entry
         FROM charts c JOIN versions v ON v.chart_id = c.id WHERE c.space_id = $1
        ORDER BY c.name, v.sort_key DESC, v.version DESC`,
      [spaceId],
    );
    for (;;) {
      const rows = await tx.query<ListedVersion>(`FETCH ${batchSize} FROM listed`);
      for (const listed of rows) listing.put(listed);
      if (rows.length < batchSize) return { state: toState(row), listing };
      listing.pack();
    }
  });
}

/**
 * Updates a listing to the current state of its space.
 * Every write records its change in its transaction, and revisions are committed in order. So the changes that one
 * snapshot shows have no gap, except at the beginning, where old ones are deleted.
 * @returns the state that the listing shows now; undefined, with the listing unchanged, when recorded changes or the
 *   space are missing
 */
export async function catchUpListing(db: Database, loaded: LoadedListing): Promise<SpaceState | undefined> {
  const rows = await db.query<
    StateRow & {
      noted: number;
      chart: string | null;
      changed_version: string | null;
      sort_key: string | null;
      entry: string | null;
    }
  >(
    `WITH noted AS (
       SELECT revision AS at, chart, version FROM changes WHERE space_id = $1 AND revision > $2
     )
     SELECT st.*, (SELECT count(*) FROM noted) AS noted, n.chart, n.version AS changed_version, v.sort_key,
            ${listedEntrySql} AS entry
       FROM (SELECT ${stateColumns} FROM spaces WHERE id = $1) st
            LEFT JOIN (SELECT chart, version, max(at) AS at FROM noted GROUP BY chart, version) n ON true
            LEFT JOIN charts c ON c.space_id = st.id AND c.name = n.chart
            LEFT JOIN versions v ON v.chart_id = c.id AND v.version = n.version
      ORDER BY n.at`,
    [loaded.state.id, loaded.state.revision],
  );
  const [first] = rows;
  if (!first || first.noted !== first.revision - loaded.state.revision) return undefined;
  for (const { chart, changed_version: version, sort_key, entry } of rows) {
    if (chart === null) continue;
    if (version === null) loaded.listing.removeChart(chart);
    else if (sort_key === null || entry === null) loaded.listing.remove(chart, version);
    else loaded.listing.put({ chart, version, sortKey: sort_key, entry });
  }
  return toState(first);
}
