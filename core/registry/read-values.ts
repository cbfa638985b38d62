import type { Digest } from '../blobs/port.ts';
import { valuesComputationVersion, valuesUnchangedSince } from '../chart/compute-values.ts';
import { isRegistryError } from '../errors.ts';
import { isTransientError } from '../runtime/transient-errors.ts';
import { computeAndStoreValues, type StoredValues } from './make-values.ts';
import { checkVersionRef } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
import { versionIdSql } from './version-lookup.ts';

/** Values of a version, and whether their note is there. */
export interface ShownValues extends StoredValues {
  /** Whether the note about Helm 3 has not been made, since the archive could not be read. */
  lacksNote: boolean;
}

/** Turns of a read: those of the responses that are made, and of the threads. */
export interface ValuesTurns {
  /** Runs a query whose result may be large when few others run. */
  query<T>(run: () => Promise<T>): Promise<T>;
  /** Checks in the turn of a thread that there is room in memory. */
  admit(): Promise<void>;
}

interface ValuesRow {
  id: number;
  digest: Digest;
  /** Null for values that must be computed. */
  text: string | null;
  majors: string | null;
  /** Whether the values and their note are those of the present computation. */
  current: boolean;
}

/**
 * Reads the values of one version, and where Helm 3 computes others. Values of an older computation are computed anew,
 * outside the turn of the query. Where that fails, values that the present computation would not change are returned
 * without a note.
 * @throws {RegistryError} `name.invalid`, `version.invalid`, `space.notFound`, `chart.notFound`, `version.notFound`;
 *   those of `computeAndStoreValues`
 */
export async function readValues(
  registry: RegistryDeps,
  ref: VersionRef,
  turns: ValuesTurns,
): Promise<ShownValues> {
  checkVersionRef(ref);
  for (;;) {
    const row = await turns.query(() => findStoredValues(registry, ref));
    const { text, majors } = row;
    if (text !== null && row.current) return { text, majors, lacksNote: false };
    const made = await computeAndStoreValues(registry, ref.space, row, turns.admit).catch(
      (error: unknown) => {
        const isExpected = isRegistryError(error) || isTransientError(error);
        if (text === null || !isExpected) throw error;
        return { text, majors: null, lacksNote: true };
      },
    );
    // undefined means that the version was rewritten or deleted while its values were computed: look again.
    if (made) return { lacksNote: false, ...made };
  }
}

async function findStoredValues(registry: RegistryDeps, ref: VersionRef): Promise<ValuesRow> {
  const [row] = await registry.db.query<ValuesRow>(
    `SELECT v.id, v.digest, v.values_majors AS majors,
            coalesce(v.values_computation = ${valuesComputationVersion}, false) AS current,
            CASE WHEN v.values_computation BETWEEN ${valuesUnchangedSince} AND ${valuesComputationVersion}
                 THEN v.values::text END AS text
       FROM versions v
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version],
  );
  if (!row) throw await explainMissing(registry.db, ref, registry.suggestible);
  return row;
}
