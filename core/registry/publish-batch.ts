import { mayInSpace, type Subject } from '../access/decide.ts';
import { type KeptCaller, readSubjects, selectSpaceAccess } from '../access/kept-caller.ts';
import type { AuditRecord } from '../audit/event.ts';
import { recordAuditRecords } from '../audit/record.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import type { SpaceAccess } from '../read-cache/space-state.ts';
import { batchCalls } from '../runtime/batch-calls.ts';
import { isTransientError } from '../runtime/transient-errors.ts';
import { addVersions, type NewVersion } from './add-versions.ts';
import { lockBlobsShared, type StagedBlob } from './blob-references.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
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
  /** Right to publish it, which the transaction checks again; absent where nothing is checked. */
  right?: PublishRight | undefined;
}

/** Right to publish as it was checked before. */
export interface PublishRight {
  /** Undefined for a caller that is not a principal. */
  caller: KeptCaller | undefined;
  /** Id of the space in which it was checked; undefined if there was none. */
  spaceId: number | undefined;
}

/**
 * Outcome of publishing a version together with others. `alone` leaves it to a transaction of its own. It has to wait
 * for a lock, to create its space or to put its blobs again. Or its right has gone, or the transaction of the set
 * failed.
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
        // Rights are read behind the locks of the blobs, which may take their time.
        Promise.all([
          lockBlobsShared(tx, digests),
          selectSpaceAccess(
            tx,
            publications.map(({ ref }) => ref.space),
          ),
          readPublishers(tx, publications),
        ]),
      async (tx, isFree, [faults, spaces, publishers]) => {
        const versions = await Promise.all(
          publications.map(async ({ ref, content, mayReplace, blobs, right }, index) => {
            const space = isFree[index] ? spaces.get(ref.space) : undefined;
            if (!space || (right && !mayPublish(publishers, right, space, ref))) return undefined;
            const stored = await Promise.all(blobs.map((blob) => blob.isStored(faults).catch(() => false)));
            return stored.includes(false) ? undefined : { spaceId: space.id, ref, mayReplace, ...content };
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

/** Subjects of kept callers. */
type Publishers = ReadonlyMap<KeptCaller, Subject | undefined>;

/** Reads the rights of all callers of a transaction at once. */
async function readPublishers(tx: Queryable, publications: readonly Publication[]): Promise<Publishers> {
  const callers = publications.flatMap(({ right }) => right?.caller ?? []);
  const subjects = callers.length === 0 ? [] : await readSubjects(tx, callers);
  return new Map(callers.map((caller, index) => [caller, subjects[index]]));
}

/** Whether a caller still may publish in the space. Its own transaction tells the others why they may not. */
function mayPublish(
  publishers: Publishers,
  { caller, spaceId }: PublishRight,
  space: SpaceAccess,
  { chart }: VersionRef,
): boolean {
  const subject = caller && publishers.get(caller);
  return subject !== undefined && spaceId === space.id && mayInSpace(subject, 'chart.publish', space, chart);
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
