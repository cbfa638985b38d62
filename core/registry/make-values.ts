import type { Digest } from '../blobs/port.ts';
import { inspectChart } from '../chart/read-chart.ts';
import { readStored } from './read-stored.ts';
import type { Registry } from './registry.ts';

/**
 * Makes the coalesced values of a version that was stored without them, and keeps them. That changes nothing that can be
 * read, so the revision of the space stays.
 * @returns undefined when the version was rewritten or deleted meanwhile
 * @throws {RegistryError} `values.invalid` when they are too large to be kept
 */
export async function makeValues(
  { db, blobs, inspecting, limits }: Registry,
  version: { id: number; digest: Digest },
): Promise<string | undefined> {
  const summary = await inspecting.pass(() =>
    readStored({ db, blobs }, version.digest, (archive) => inspectChart(archive, limits)),
  );
  if (summary) {
    const [kept] = await db.query<{ values: string }>(
      'UPDATE versions SET values = $3 WHERE id = $1 AND digest = $2 RETURNING values::text',
      [version.id, version.digest, JSON.stringify(summary.values)],
    );
    return kept?.values;
  }
  const [same] = await db.query('SELECT FROM versions WHERE id = $1 AND digest = $2', [
    version.id,
    version.digest,
  ]);
  if (same) throw new Error(`the archive ${version.digest} of a version is missing`);
  return undefined;
}
