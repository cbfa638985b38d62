import type { Readable } from 'node:stream';
import { DamagedBlob, isDamageError } from '../blobs/damaged-blob.ts';
import type { BlobStore, ByteRange, Digest } from '../blobs/port.ts';
import { maxReadAhead, readChecked, streamOf } from '../blobs/read-checked.ts';
import { createConcurrencyLimiter } from '../runtime/concurrency.ts';
import type { Log } from '../runtime/log.ts';
import { shareCalls } from '../runtime/share-calls.ts';
import { faultError, findFault, recordRefusedRead } from './blob-faults.ts';
import { type BlobDeps, type Examination, examineBlob } from './examine-blob.ts';

/** Largest number of simultaneous examinations: each reads a blob and occupies a database connection. */
const maxExaminations = 2;

/**
 * Wraps a store so that blobs are checked as they are read.
 * Whole blobs are compared with their digest (`readChecked`). For a range of a large blob, and for a blob that clients
 * fetch by a link, only recorded faults are noticed.
 *
 * `open` and `link` throw a `RegistryError` `blob.damaged` or `blob.missing` for a referenced blob, and record the
 * fault. A stream fails with the same error before its last bytes. An unreferenced blob is undefined, as in any store.
 */
export function createCheckedBlobs({ db, blobs }: BlobDeps, log: Log): BlobStore {
  const { examineAndRefuse, refuseKnown, explain } = createExaminer({ db, blobs }, log);

  async function read(digest: Digest, range?: ByteRange, size?: number): Promise<Readable | undefined> {
    const isSmall = size !== undefined && size <= maxReadAhead;
    if (range && !isSmall) return blobs.open(digest, range, size);
    const stored = await blobs.open(digest, undefined, size);
    const checked = stored && (await readChecked(stored, digest, (error) => explain(digest, error)));
    if (range && Buffer.isBuffer(checked)) return streamOf(checked.subarray(range.first, range.last + 1));
    return checked && streamOf(checked);
  }

  async function open(digest: Digest, range?: ByteRange, size?: number): Promise<Readable | undefined> {
    if (range) await refuseKnown(digest);
    for (let attempt = 1; ; attempt += 1) {
      let damage: unknown;
      const stream = await read(digest, range, size).catch((error: unknown) => {
        if (!isDamageError(error)) throw error;
        damage = error;
        return undefined;
      });
      if (stream) return stream;
      if ((await examineAndRefuse(digest, damage)) === 'unneeded') return undefined;
      // A blob that was repaired since it was opened is read once more.
      if (attempt > 1) throw damage ?? new DamagedBlob(digest, 'it is there and gone again');
    }
  }

  const { link } = blobs;
  return {
    ...blobs,
    open,
    unchecked: blobs,
    ...(link && {
      async link(digest, as) {
        await refuseKnown(digest);
        if (!(await blobs.stat(digest))) await examineAndRefuse(digest);
        return link(digest, as);
      },
    }),
  };
}

/** Creates the functions that examine suspected blobs and refuse to serve those with a fault. */
function createExaminer({ db, blobs }: BlobDeps, log: Log) {
  const limiter = createConcurrencyLimiter(maxExaminations);
  const shareExamination = shareCalls<Digest, Examination>();

  /** Examines a blob once for all simultaneous readers. */
  function examine(digest: Digest): Promise<Examination> {
    return shareExamination(digest, () => limiter.run(() => examineBlob({ db, blobs }, digest)));
  }

  /**
   * Examines a blob.
   * @param error error of the read that made the blob suspected, for the log
   * @throws {RegistryError} unless the blob is whole, or no row references it
   */
  async function examineAndRefuse(digest: Digest, error?: unknown): Promise<'whole' | 'unneeded'> {
    const found = await examine(digest);
    if (found === 'whole' || found === 'unneeded') return found;
    const refused = await recordRefusedRead(db, digest);
    const cause = error === undefined ? {} : { error };
    log.error(
      { digest, fault: found, refused, ...cause },
      'a stored blob has a fault, and a read of it was refused',
    );
    throw faultError(digest, found);
  }

  /** Examines a blob that has a recorded fault. @throws {RegistryError} as `examineAndRefuse` */
  async function refuseKnown(digest: Digest): Promise<void> {
    if ((await findFault(db, digest)) !== undefined) await examineAndRefuse(digest);
  }

  /**
   * Turns damage that a stream met into the error for clients. A blob that is whole by now leaves the error as it is.
   */
  async function explain(digest: Digest, error: unknown): Promise<unknown> {
    if (!isDamageError(error)) return error;
    return examineAndRefuse(digest, error).then(
      () => error,
      (refusal: unknown) => refusal,
    );
  }

  return { examineAndRefuse, refuseKnown, explain };
}
