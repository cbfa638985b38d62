import type { Digest } from '../blobs/port.ts';
import { valuesComputationVersion } from '../chart/compute-values.ts';
import { faultError } from './blob-faults.ts';
import { examineBlob } from './examine-blob.ts';
import { examineOnFailure, openLazily } from './read-stored.ts';
import type { RegistryDeps } from './registry.ts';

/** Computed values of a version, as JSON. */
export interface StoredValues {
  text: string;
  /** Sentence about the values that Helm 3 computes otherwise; null where there are none. */
  majors: string | null;
}

/**
 * Computes and stores values for a version without values of the present computation. The revision of `space` stays:
 * the ETag of values contains the number of their computation.
 * @param admit checks in the turn of the thread that there is room in memory
 * @returns undefined when the version was rewritten or deleted meanwhile
 * @throws {RegistryError} `values.invalid` when they are too large to be kept; `blob.missing`, `blob.damaged`
 */
export async function computeAndStoreValues(
  { db, blobs, charts }: RegistryDeps,
  space: string,
  version: { id: number; digest: Digest },
  admit: () => Promise<void>,
): Promise<StoredValues | undefined> {
  const { digest } = version;
  const stored = await blobs.stat(digest);
  if (stored) {
    const archive = {
      digest,
      ...stored,
      open: () => openLazily(blobs, digest, () => new ArchiveGone(digest)),
    };
    const inspected = examineOnFailure({ db, blobs }, digest, () => charts.inspect(space, archive, admit));
    const summary = await inspected.catch((error: unknown) => {
      if (error instanceof ArchiveGone) return undefined;
      throw error;
    });
    if (!summary) return undefined;
    const { values, valuesMajors = null } = summary;
    const text = typeof values === 'string' ? values : JSON.stringify(values);
    const [updated] = await db.query<StoredValues>(
      `UPDATE versions SET values = $3, values_majors = $4, values_computation = ${valuesComputationVersion}
        WHERE id = $1 AND digest = $2 RETURNING values::text AS text, values_majors AS majors`,
      [version.id, version.digest, text, valuesMajors],
    );
    return updated;
  }
  const found = await examineBlob({ db, blobs }, digest);
  if (found === 'missing' || found === 'damaged') throw faultError(digest, found);
  return undefined;
}

/** Thrown when an archive is deleted between `stat` and `open`: no version references it then. */
class ArchiveGone extends Error {
  override name = 'ArchiveGone';
}

/** Writes the warning of values that Helm 3 computes otherwise, with its code. */
export function majorsWarning(majors: string): string {
  return `values.majors: ${majors}`;
}
