import type { AuditRecord } from '../audit/event.ts';
import { recordAuditRecords } from '../audit/record.ts';
import type { Transaction } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import { batchCalls } from '../runtime/batch-calls.ts';
import { isTransientError } from '../runtime/transient-errors.ts';
import { addVersions, type NewVersion } from './add-versions.ts';
import { lockBlobsShared, type StagedBlob } from './blob-references.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
import { findSpaceIds } from './space-rows.ts';
import type { VersionContent } from './version-columns.ts';

/** A new version whose blobs are in the store. */
export interface Publication {
  ref: VersionRef;
  content: VersionContent;
  /** Whether the actor may replace what exists. */
  mayReplace: boolean;
  blobs: readonly StagedBlob[];
  /** Event of it, which is recorded with it. */
  audit?: AuditRecord | undefined;
  /** Id of the space in which the actor's right was checked, null if there was none; absent where nothing is checked. */
  checked?: number | null | undefined;
}

/**
 * Outcome of publishing a version together with others. `alone` leaves it to a transaction of its own: it has to wait
 * for a lock, to create its space or to put its blobs again, its space is another one than was checked, or the transaction of the set failed.
 */
export type PublishOutcome = 'added' | 'exists' | 'alone';

/**
 * Publishes a new version in one transaction with others that arrive at the same time.
 * @throws transient errors of the database or the store
 */
export type Publisher = (publication: Publication) => Promise<PublishOutcome>;

/** Dependencies of uploads. */
export interface UploadDeps extends RegistryDeps {
  publisher: Publisher;
}

/** Versions of one transaction at most. */
const maxVersionsPerTransaction = 32;

/** Longest values or metadata, in characters, of a version that shares a transaction: the set is in memory. */
const maxDocumentCharacters = 256 * 1024;

/** Creates the publisher of a process. */
export function createPublisher(locks: Locks): Publisher {
  const publish = batchCalls((publications: Publication[]) => publishAll(locks, publications), {
    max: maxVersionsPerTransaction,
  });
  return async (publication) =>
    hasLargeDocument(publication) ? 'alone' : publish(publication.ref.space, publication);
}

async function publishAll(locks: Locks, publications: readonly Publication[]): Promise<PublishOutcome[]> {
  const digests = publications.flatMap(({ blobs }) => blobs.map(({ digest }) => digest));
  try {
    return await locks.withFreeLocks(
      publications.map(({ ref }) => [ref.space, ref.chart, ref.version]),
      (tx) =>
        Promise.all([
          findSpaceIds(
            tx,
            publications.map(({ ref }) => ref.space),
          ),
          lockBlobsShared(tx, digests),
        ]),
      async (tx, isFree, [spaces, faults]) => {
        const versions = await Promise.all(
          publications.map(async ({ ref, content, mayReplace, blobs, checked }, index) => {
            const spaceId = isFree[index] ? spaces.get(ref.space) : undefined;
            if (spaceId === undefined || (checked !== undefined && checked !== spaceId)) return undefined;
            const stored = await Promise.all(blobs.map((blob) => blob.isStored(faults).catch(() => false)));
            return stored.includes(false) ? undefined : { spaceId, ref, mayReplace, ...content };
          }),
        );
        const outcomes = await addReady(tx, versions);
        recordAuditRecords(
          tx,
          publications.map(({ audit }, index) => (outcomes[index] === 'added' ? audit : undefined)),
        );
        return outcomes;
      },
    );
  } catch (error) {
    // An outage concerns all: after a broken commit, a version may be stored that a second try would find existing.
    if (isTransientError(error)) throw error;
    // Each of them meets the error again by itself, unless another one was the reason.
    return publications.map(() => 'alone');
  }
}

/** Adds those versions that are ready. */
async function addReady(
  tx: Transaction,
  versions: readonly (NewVersion | undefined)[],
): Promise<PublishOutcome[]> {
  const ready = versions.filter((version) => version !== undefined);
  const additions = (ready.length === 0 ? [] : await addVersions(tx, ready)).values();
  return versions.map((version) => (version && additions.next().value?.kind) ?? 'alone');
}

function hasLargeDocument({ content: { summary } }: Publication): boolean {
  return [summary.metadata, summary.values].some(
    (document) => typeof document === 'string' && document.length > maxDocumentCharacters,
  );
}
