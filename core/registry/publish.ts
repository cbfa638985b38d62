import type { Content, Digest } from '../blobs/port.ts';
import type { StorableSummary } from '../chart-work/chart-work.ts';
import type { Transaction } from '../db/port.ts';
import { isRegistryError, RegistryError } from '../errors.ts';
import { findFault } from './blob-faults.ts';
import { type StagedBlob, storeBlob } from './blob-references.ts';
import { endLineage } from './lineage.ts';
import { checkSpaceName, checkVersionRef } from './names.ts';
import { explainMissing } from './not-found.ts';
import { provenanceOf } from './provenance.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
import { findSpace, openSpace } from './space-rows.ts';
import { findVersion, hasVersion, type StoredVersion } from './version-lookup.ts';
import { addVersion, replaceContent, versionExistsError } from './version-rows.ts';
import { findArchive } from './versions.ts';

/**
 * Stores an uploaded archive as a new version; its name and version are those of its Chart.yaml.
 * @param also.provenance the bytes of the provenance file that came with it, if one did
 * @param also.overwrite whether a version that is there gets the new bytes
 * @throws {RegistryError} what `inspectChart` finds wrong with it; `version.exists`, or `version.immutable` where it is to be
 *   overwritten; `resource.locked`, `provenance.invalid`, `provenance.mismatch`, `space.notFound` where uploads may not
 *   create spaces
 */
export async function publishVersion(
  registry: RegistryDeps,
  space: string,
  archive: Content,
  { provenance, overwrite = false }: { provenance?: Buffer | undefined; overwrite?: boolean } = {},
): Promise<VersionRef> {
  checkSpaceName(space);
  const summary = await inspect(registry, space, archive);
  const ref = { space, chart: summary.name, version: summary.version };
  checkVersionRef(ref);
  // Nobody needs to move many bytes to hear that the version is there, unless they mend what is stored; what decides is the
  // constraint below.
  if (!overwrite && !archive.bytes && (await findFault(registry.db, archive.digest)) === undefined)
    await checkAbsent(registry, ref);
  const signed = provenance && provenanceOf(provenance, ref, archive.digest);
  try {
    await writeVersion(registry, ref, archive, signed, async (tx, known) => {
      if (overwrite && (await replaceStored(tx, ref, archive, summary, { provenance: signed }))) return;
      const spaceId = known ?? (await openSpace(tx, registry, space));
      await addVersion(tx, spaceId, ref, archive, summary, signed);
    });
  } catch (error) {
    // Whoever has the lock may be at work on a version that is there.
    if (!overwrite && isRegistryError(error, 'resource.locked')) await checkAbsent(registry, ref);
    throw error;
  }
  return ref;
}

/** @throws {RegistryError} `version.exists` */
async function checkAbsent({ db }: RegistryDeps, ref: VersionRef): Promise<void> {
  if (await hasVersion(db, ref)) throw versionExistsError(ref);
}

/**
 * Gives an existing version other bytes; how it was composed, if it was, is forgotten, and so is a provenance file that
 * does not vouch for them.
 * @param provenance the bytes of the provenance file that came with the archive, if one did
 * @throws {RegistryError} `version.notFound` and its kin, `upload.mismatch` when the archive is of another chart or
 *   version, what `inspectChart` finds wrong with it, `provenance.invalid`, `provenance.mismatch`, `version.immutable`,
 *   `resource.locked`
 */
export async function replaceVersion(
  registry: RegistryDeps,
  ref: VersionRef,
  archive: Content,
  provenance?: Buffer,
): Promise<void> {
  await findArchive(registry, ref);
  const summary = await inspect(registry, ref.space, archive);
  assertSameVersion(summary, ref);
  const signed = provenance && provenanceOf(provenance, ref, archive.digest);
  await writeVersion(registry, ref, archive, signed, async (tx) => {
    if (!(await replaceStored(tx, ref, archive, summary, { provenance: signed })))
      throw await explainMissing(tx, ref);
  });
}

/** What becomes of a version in the transaction that writes it; the lock on it is held. */
export interface PutTransaction {
  /** The version as it is, or undefined. */
  before: StoredVersion | undefined;
  /**
   * Adds the version, or gives it the new bytes.
   * @param how.overwrites whether more of it changes than its bytes
   * @returns its id
   */
  write(how?: { overwrites?: boolean }): Promise<number>;
  /** The same transaction. */
  tx: Transaction;
  /** What the archive's provenance file is called, if it came with one. */
  provenance: Digest | undefined;
}

/**
 * Stores an archive as a version that may be there or not, for a door where both are one request.
 * @param steps what else belongs into the transaction; it calls `write`
 * @throws {RegistryError} as `publishVersion` and `replaceVersion`, but for `version.exists` and `version.notFound`
 */
export async function putVersion(
  registry: RegistryDeps,
  ref: VersionRef,
  archive: Content,
  provenance: Buffer | undefined,
  steps: (steps: PutTransaction) => Promise<void>,
): Promise<void> {
  const summary = await inspect(registry, ref.space, archive);
  assertSameVersion(summary, ref);
  const signed = provenance && provenanceOf(provenance, ref, archive.digest);
  await writeVersion(registry, ref, archive, signed, async (tx, known) => {
    const before = await findVersion(tx, ref);
    const write = async (how: { overwrites?: boolean } = {}) => {
      if (!before) {
        const spaceId = known ?? (await openSpace(tx, registry, ref.space));
        return addVersion(tx, spaceId, ref, archive, summary, signed);
      }
      await replaceStored(tx, ref, archive, summary, { provenance: signed, ...how });
      return before.id;
    };
    await steps({ before, write, tx, provenance: signed?.digest });
  });
}

/** Gives a version other bytes, and ends its lineage with those that it had. @returns false when it is not there */
async function replaceStored(...given: Parameters<typeof replaceContent>): Promise<boolean> {
  const [tx, ref] = given;
  const replaced = await replaceContent(...given);
  if (replaced === 'replaced') await endLineage(tx, ref);
  return replaced !== 'missing';
}

function assertSameVersion(summary: StorableSummary, ref: VersionRef): void {
  if (summary.name === ref.chart && summary.version === ref.version) return;
  throw new RegistryError(
    'upload.mismatch',
    `The archive is ${summary.name} ${summary.version}, the path says ${ref.chart} ${ref.version}: they must be the same.`,
  );
}

/**
 * Puts the bytes, then writes the rows that name them while nobody else writes the version.
 * @param write is told the space's id, if it is there
 */
async function writeVersion(
  { db, blobs, locks }: RegistryDeps,
  ref: VersionRef,
  archive: Content,
  provenance: Content | undefined,
  write: (tx: Transaction, space: number | undefined) => Promise<void>,
): Promise<void> {
  const writeRows = (staged: readonly StagedBlob[]) =>
    locks.withLock(
      [ref.space, ref.chart, ref.version],
      async (tx) => {
        const locking = staged.map((blob) => blob.lock(tx));
        const [spaceId] = await Promise.all([findSpace(tx, ref.space), Promise.all(locking)]);
        return spaceId;
      },
      async (tx, spaceId) => {
        for (const blob of staged) await blob.ensureStored(tx);
        await write(tx, spaceId);
      },
    );
  await storeBlob({ db, blobs }, archive, (blob) =>
    provenance
      ? storeBlob({ db, blobs }, provenance, (signature) => writeRows([blob, signature]))
      : writeRows([blob]),
  );
}

function inspect({ charts }: RegistryDeps, space: string, archive: Content): Promise<StorableSummary> {
  return charts.inspect(space, archive);
}
