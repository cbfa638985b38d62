import type { Readable } from 'node:stream';
import { DamagedBlob, isDamage } from '../blobs/damaged-blob.ts';
import type { BlobStore, ByteRange, Digest } from '../blobs/port.ts';
import { maxReadAhead, readChecked, streamOf } from '../blobs/read-checked.ts';
import { createConcurrencyLimiter } from '../runtime/concurrency.ts';
import type { Log } from '../runtime/log.ts';
import { countRefusal, faultError, findFault } from './blob-faults.ts';
import { type BlobDeps, type Examination, examineBlob } from './examine-blob.ts';

/** Examinations that one process does at once: each reads a blob, and holds a connection to the database meanwhile. */
const maxExaminations = 2;

/**
 * Store whose blobs are checked as they are read, for every door that gives them out. Whole blobs are held to their digest
 * (`readChecked`). Of a part of a large one, and of one that clients fetch by themselves, only known faults are seen.
 *
 * `open` and `link` throw a `RegistryError` `blob.damaged` or `blob.missing` where rows name the blob, and record the fault;
 * a stream fails with the same before its last bytes. A blob that no row names any more is undefined, as in any store.
 */
export function createCheckedBlobs({ db, blobs }: BlobDeps, log: Log): BlobStore {
  const gate = createConcurrencyLimiter(maxExaminations);
  const examining = new Map<Digest, Promise<Examination>>();

  /** Many may read one blob at once, and it is examined for all of them. */
  function examine(digest: Digest): Promise<Examination> {
    const running = examining.get(digest);
    if (running) return running;
    const examination = gate
      .run(() => examineBlob({ db, blobs }, digest))
      .finally(() => examining.delete(digest));
    examining.set(digest, examination);
    return examination;
  }

  /** @throws {RegistryError} unless the blob turns out to be whole, or needed by nobody */
  async function examineAndRefuse(digest: Digest): Promise<'whole' | 'unneeded'> {
    const found = await examine(digest);
    if (found === 'whole' || found === 'unneeded') return found;
    const refused = await countRefusal(db, digest);
    log.error({ digest, fault: found, refused }, 'a stored blob has a fault, and a read of it was refused');
    throw faultError(digest, found);
  }

  async function refuseKnown(digest: Digest): Promise<void> {
    if ((await findFault(db, digest)) !== undefined) await examineAndRefuse(digest);
  }

  /** Damage that a stream has met is told as any other; what was mended meanwhile is worth another try. */
  const explain = (digest: Digest) => async (error: unknown) => {
    if (!isDamage(error)) return error;
    return examineAndRefuse(digest).then(
      () => error,
      (refusal: unknown) => refusal,
    );
  };

  async function read(digest: Digest, range?: ByteRange, size?: number): Promise<Readable | undefined> {
    const isSmall = size !== undefined && size <= maxReadAhead;
    if (range && !isSmall) return blobs.open(digest, range, size);
    const stored = await blobs.open(digest, undefined, size);
    const checked = stored && (await readChecked(stored, digest, explain(digest)));
    if (range && Buffer.isBuffer(checked)) return streamOf(checked.subarray(range.first, range.last + 1));
    return checked && streamOf(checked);
  }

  async function open(digest: Digest, range?: ByteRange, size?: number): Promise<Readable | undefined> {
    if (range) await refuseKnown(digest);
    for (let attempt = 1; ; attempt += 1) {
      let damage: unknown;
      const stream = await read(digest, range, size).catch((error: unknown) => {
        if (!isDamage(error)) throw error;
        damage = error;
        return undefined;
      });
      if (stream) return stream;
      if ((await examineAndRefuse(digest)) === 'unneeded') return undefined;
      // Mended since it was opened, it is read once more.
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
