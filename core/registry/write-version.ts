import type { Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';
import {
  type LockedBlobRow,
  type LockedFaults,
  lockBlobsSharedSql,
  type StagedBlob,
  storeBlob,
  toLockedFaults,
} from './blob-references.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
import type { VersionContent } from './version-columns.ts';
import { type StoredVersion, versionIdSql } from './version-lookup.ts';

/** Rows that the transaction of a write has read under its locks. */
interface FoundRows {
  /** Id of the space, if it exists. */
  spaceId: number | undefined;
  /** The version, if it exists. */
  before: StoredVersion | undefined;
}

type WriteRows = (tx: Transaction, found: FoundRows) => Promise<void>;

/**
 * Puts the blobs of a version, and runs what references them.
 * @param reference adds the references under the locks of the blobs; when it fails, the blobs are rolled back
 */
export function stageVersion<T>(
  deps: Pick<RegistryDeps, 'db' | 'blobs'>,
  { content, provenance }: VersionContent,
  reference: (blobs: readonly StagedBlob[]) => Promise<T>,
): Promise<T> {
  return storeBlob(deps, content, (archive) =>
    provenance
      ? storeBlob(deps, provenance, (signature) => reference([archive, signature]))
      : reference([archive]),
  );
}

/**
 * Runs a transaction with locks on a version and its staged blobs. `stageVersion` has put the blobs.
 * @param write gets the space and the version, if they exist
 * @throws {RegistryError} `resource.locked`
 */
export function writeStaged(
  { locks }: RegistryDeps,
  ref: VersionRef,
  blobs: readonly StagedBlob[],
  write: WriteRows,
): Promise<void> {
  const digests = blobs.map(({ digest }) => digest);
  return locks.withLock(
    [ref.space, ref.chart, ref.version],
    (tx) => readRows(tx, ref, digests),
    async (tx, { faults, ...found }) => {
      for (const blob of blobs) await blob.ensureStored(tx, faults);
      await write(tx, found);
    },
  );
}

type ReadRow = LockedBlobRow & { spaceId: number | null } & (
    | StoredVersion
    | { [Column in keyof StoredVersion]: null }
  );

/** Locks blobs shared, and finds the space and the version of a write, in one statement. @param digests one at least */
async function readRows(
  tx: Transaction,
  { space, chart, version }: VersionRef,
  digests: readonly Digest[],
): Promise<FoundRows & { faults: LockedFaults }> {
  const rows = await tx.query<ReadRow>(readStatement, [space, chart, version, digests]);
  const [first] = rows;
  return {
    faults: toLockedFaults(rows),
    spaceId: first?.spaceId ?? undefined,
    before: first && toStoredVersion(first),
  };
}

function toStoredVersion(row: ReadRow): StoredVersion | undefined {
  return row.id === null ? undefined : { id: row.id, archive: row.archive, provenance: row.provenance };
}

const readStatement = `
  WITH locked AS MATERIALIZED (${lockBlobsSharedSql('$4')})
  SELECT locked.digest, locked.fault, (SELECT s.id FROM spaces s WHERE s.name = $1) AS "spaceId",
         v.id, v.archive, v.provenance
    FROM locked LEFT JOIN (SELECT id, digest AS archive, provenance FROM versions
                            WHERE id = ${versionIdSql('$1', '$2', '$3')}) v ON true`;

/** Puts the blobs of a version, then runs `write` as `writeStaged` does. */
export function writeVersion(
  registry: RegistryDeps,
  ref: VersionRef,
  content: VersionContent,
  write: WriteRows,
): Promise<void> {
  return stageVersion(registry, content, (blobs) => writeStaged(registry, ref, blobs, write));
}
