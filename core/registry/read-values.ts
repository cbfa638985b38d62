import type { Digest } from '../blobs/port.ts';
import { valuesComputationVersion, valuesUnchangedSince } from '../chart/compute-values.ts';
import { isRegistryError } from '../errors.ts';
import { isTransientError } from '../runtime/transient-errors.ts';
import type { Helm3NoteFailures } from './helm3-note-failures.ts';
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

/** Version whose values are read, with those of the present computation. */
interface ValuesRow {
  id: number;
  digest: Digest;
  /** Null for values that must be computed. */
  text: string | null;
  majors: string | null;
  /** Whether there are values that the present computation would not change, without their note. */
  hasOldText: boolean;
}

/** SQL condition for values of an older computation that the present one would not change. */
const isUnchangedSql = `v.values_computation BETWEEN ${valuesUnchangedSince} AND ${valuesComputationVersion - 1}`;

/**
 * Reads the values of one version, and where Helm 3 computes others. Values of an older computation are computed anew,
 * outside the turn of the query. Where that fails, values that the present computation would not change are returned
 * without a note; it is not tried again at once.
 * @throws {RegistryError} `name.invalid`, `version.invalid`, `space.notFound`, `chart.notFound`, `version.notFound`;
 *   those of `computeAndStoreValues`
 */
export async function readValues(
  registry: RegistryDeps,
  ref: VersionRef,
  turns: ValuesTurns,
  failures: Helm3NoteFailures,
): Promise<ShownValues> {
  checkVersionRef(ref);
  for (;;) {
    const row = await turns.query(() => findStoredValues(registry, ref));
    const { text, majors, hasOldText } = row;
    if (text !== null) return { text, majors, lacksNote: false };
    const found =
      hasOldText && failures.isRecent(row)
        ? await readOldValues(registry, row, turns)
        : await computeAndStoreValues(registry, ref.space, row, turns.admit).then(
            (made) => made && { lacksNote: false, ...made },
            (error: unknown) => {
              const isExpected = isRegistryError(error) || isTransientError(error);
              if (!hasOldText || !isExpected) throw error;
              failures.add(ref, row, error);
              return readOldValues(registry, row, turns);
            },
          );
    // undefined means that the version was rewritten, computed or deleted meanwhile: look again.
    if (found) return found;
  }
}

async function findStoredValues(registry: RegistryDeps, ref: VersionRef): Promise<ValuesRow> {
  const [row] = await registry.db.query<ValuesRow>(
    `SELECT v.id, v.digest, v.values_majors AS majors, coalesce(${isUnchangedSql}, false) AS "hasOldText",
            CASE WHEN v.values_computation = ${valuesComputationVersion} THEN v.values::text END AS text
       FROM versions v
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version],
  );
  if (!row) throw await explainMissing(registry.db, ref, registry.suggestible);
  return row;
}

/**
 * Reads values of an older computation. They are read only now, since nothing bounds the memory of texts that wait while
 * a note is made.
 * @returns undefined when the version was rewritten, computed or deleted meanwhile
 */
async function readOldValues(
  { db }: RegistryDeps,
  { id, digest }: ValuesRow,
  turns: ValuesTurns,
): Promise<ShownValues | undefined> {
  const [row] = await turns.query(() =>
    db.query<{ text: string }>(
      `SELECT v.values::text AS text FROM versions v WHERE v.id = $1 AND v.digest = $2 AND ${isUnchangedSql}`,
      [id, digest],
    ),
  );
  return row && { text: row.text, majors: null, lacksNote: true };
}
