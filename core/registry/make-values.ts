import { Readable } from 'node:stream';
import type { BlobStore, Digest } from '../blobs/port.ts';
import { valuesComputation } from '../chart/compute-values.ts';
import { faultError } from './blob-faults.ts';
import { examineBlob } from './examine-blob.ts';
import { examineOnFailure } from './read-stored.ts';
import type { RegistryDeps } from './registry.ts';

/**
 * Computes the values of a version that was stored without them, or with those of an older computation, and keeps them.
 * The revision of the space stays, because nothing was written that a reader could miss.
 * @returns undefined when the version was rewritten or deleted meanwhile
 * @throws {RegistryError} `values.invalid` when they are too large to be kept; `blob.missing`, `blob.damaged`
 */
export async function makeValues(
  { db, blobs, charts }: RegistryDeps,
  version: { id: number; digest: Digest },
): Promise<string | undefined> {
  const { digest } = version;
  const stored = await blobs.stat(digest);
  if (stored) {
    const archive = { digest, ...stored, open: () => streamOf(blobs, digest) };
    const inspected = examineOnFailure({ db, blobs }, digest, () => charts.inspect(digest, archive));
    const summary = await inspected.catch((error: unknown) => {
      if (error instanceof ArchiveGone) return undefined;
      throw error;
    });
    if (!summary) return undefined;
    const { values } = summary;
    const text = typeof values === 'string' ? values : JSON.stringify(values);
    const [kept] = await db.query<{ values: string }>(
      `UPDATE versions SET values = $3, values_computation = ${valuesComputation}
        WHERE id = $1 AND digest = $2 RETURNING values::text`,
      [version.id, version.digest, text],
    );
    return kept?.values;
  }
  const found = await examineBlob({ db, blobs }, digest);
  if (found === 'missing' || found === 'damaged') throw faultError(digest, found);
  return undefined;
}

/** Thrown for an archive that no version has any more: it went between the look at it and its reading. */
class ArchiveGone extends Error {
  override name = 'ArchiveGone';
}

/** Opens a blob when it is read. */
function streamOf(blobs: BlobStore, digest: Digest): Readable {
  return Readable.from(
    (async function* chunks() {
      const stored = await blobs.open(digest);
      if (!stored) throw new ArchiveGone(digest);
      yield* stored;
    })(),
    { objectMode: false },
  );
}
