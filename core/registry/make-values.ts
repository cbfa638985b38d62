import type { Digest } from '../blobs/port.ts';
import { valuesComputation } from '../chart/compute-values.ts';
import { inspectChart } from '../chart/read-chart.ts';
import type { Registry } from './registry.ts';

/**
 * Computes the values of a version that was stored without them, or with those of an older computation, and keeps them.
 * The revision of the space stays, because nothing was written that a reader could miss.
 * @returns undefined when the version was rewritten or deleted meanwhile
 * @throws {RegistryError} `values.invalid` when they are too large to be kept
 */
export async function makeValues(
  { db, blobs, inspecting, limits }: Registry,
  version: { id: number; digest: Digest },
): Promise<string | undefined> {
  const summary = await inspecting.pass(async () => {
    const archive = await blobs.open(version.digest);
    return archive && inspectChart(archive, limits);
  });
  if (summary) {
    const [kept] = await db.query<{ values: string }>(
      `UPDATE versions SET values = $3, values_computation = ${valuesComputation}
        WHERE id = $1 AND digest = $2 RETURNING values::text`,
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
