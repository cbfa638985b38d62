import { authorOf } from '../access/author.ts';
import { toKeptCaller } from '../access/kept-caller.ts';
import { type AuditEvent, createAuditRecord } from '../audit/event.ts';
import { recordAudit } from '../audit/record.ts';
import type { Content, Digest } from '../blobs/port.ts';
import type { StorableSummary } from '../chart-work/chart-work.ts';
import type { Transaction } from '../db/port.ts';
import { isRegistryError, RegistryError } from '../errors.ts';
import { addVersion } from './add-versions.ts';
import { isRepairedBy } from './blob-references.ts';
import { deleteOutdatedLineage } from './lineage.ts';
import { checkSpaceName, checkVersionRef } from './names.ts';
import { explainMissing } from './not-found.ts';
import { toCheckedProvenance } from './provenance.ts';
import type { UploadDeps } from './publish-batch.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
import { confirmOrCreateSpace, mayReplaceInSpace } from './space-rows.ts';
import type { VersionContent } from './version-columns.ts';
import { hasVersion, type StoredVersion } from './version-lookup.ts';
import { createVersionExistsError, replaceContent } from './version-rows.ts';
import { findArchive } from './versions.ts';
import { stageVersion, writeStaged, writeVersion } from './write-version.ts';

/** Options of an upload. */
export interface UploadOptions extends Pick<VersionContent, 'createdAt'> {
  provenance?: Buffer | undefined;
  overwrite?: boolean;
}

/**
 * Stores an uploaded archive as a new version. Chart and version are those of its Chart.yaml.
 * @param options.provenance the bytes of its provenance file, if one was uploaded with it
 * @param options.overwrite whether to replace an existing version; default false
 * @param options.createdAt when it was published, for a copy from elsewhere; default now
 * @throws {RegistryError} the errors of `summarizeArchive`; `version.exists`, or `version.immutable` with `overwrite`;
 *   `resource.locked`, `provenance.invalid`, `provenance.mismatch`, `space.notFound` where uploads may not create
 *   spaces
 */
export async function publishVersion(
  registry: UploadDeps,
  space: string,
  archive: Content,
  { provenance, overwrite = false, createdAt }: UploadOptions = {},
): Promise<VersionRef> {
  checkSpaceName(space);
  const summary = await inspect(registry, space, archive);
  const ref = { space, chart: summary.name, version: summary.version };
  checkVersionRef(ref);
  // Rights may have gone while the archive was received, and only now the chart is known.
  const checked = await registry.actor.require('chart.publish', ref);
  const mayReplace = await registry.actor.may('chart.replace', { ...ref, spaceId: checked });
  // An existing version is refused early, before a large archive is put. The exception is an upload that repairs a
  // faulty blob. The decision between simultaneous uploads is left to the constraint in the database.
  if (!overwrite && !archive.bytes && !(await isRepairedBy(registry, archive)))
    await checkAbsent(registry, ref);
  const signed = await createVersionContent(registry, ref, archive, summary, provenance);
  const content = { ...signed, createdAt };
  const added = publishedEvent(ref, content);
  const audit = await createAuditRecord(registry.actor, added);
  const caller = toKeptCaller(await registry.actor.caller());
  const right = registry.actor.guarded ? { caller, spaceId: checked } : undefined;
  try {
    await stageVersion(registry, content, async (blobs) => {
      const outcome = overwrite
        ? 'alone'
        : await registry.publisher({ ref, content, mayReplace, blobs, audit, right });
      if (outcome === 'added') return;
      if (outcome === 'exists' && mayReplace) throw await createVersionExistsError(registry.db, ref);
      await writeStaged(registry, ref, blobs, async (tx, found) => {
        const spaceId = await confirmOrCreateSpace(tx, registry, ref, found.spaceId);
        const rights = { mayReplace, existing: found.spaceId, checked };
        const mayReplaceHere = await mayReplaceInSpace(tx, registry.actor, ref, rights);
        if (overwrite && (await replaceStored(registry, tx, ref, content, { mayReplace: mayReplaceHere })))
          return;
        await addVersion(tx, { spaceId, ref, mayReplace: mayReplaceHere, ...content });
        await recordAudit(tx, registry.actor, added);
      });
    });
  } catch (error) {
    // The other writer may be rewriting an existing version: then that is the better error.
    if (!overwrite && isRegistryError(error, 'resource.locked')) await checkAbsent(registry, ref);
    throw error;
  }
  return ref;
}

/** Checks that a version does not exist. @throws {RegistryError} `version.exists` */
async function checkAbsent({ db }: RegistryDeps, ref: VersionRef): Promise<void> {
  if (await hasVersion(db, ref)) throw await createVersionExistsError(db, ref);
}

/**
 * Replaces the archive of an existing version.
 * The version loses its lineage, and a provenance file that does not sign the new archive.
 * @param provenance the bytes of the new archive's provenance file, if one was uploaded with it
 * @throws {RegistryError} `version.notFound`, or that of its chart or space, `upload.mismatch` when the archive is of
 *   another chart or version, the errors of `summarizeArchive`, `provenance.invalid`, `provenance.mismatch`,
 *   `version.immutable`, `resource.locked`
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
  const content = await createVersionContent(registry, ref, archive, summary, provenance);
  const checked = await registry.actor.require('chart.replace', ref);
  await writeVersion(registry, ref, content, async (tx) => {
    await registry.actor.confirm(tx, 'chart.replace', { ...ref, spaceId: checked });
    if (!(await replaceStored(registry, tx, ref, content)))
      throw await explainMissing(tx, ref, registry.suggestible);
  });
}

/** The transaction of `putVersion`, which has the lock on the version. */
export interface PutTransaction {
  /** The version before the write; undefined when it does not exist. */
  before: StoredVersion | undefined;
  /**
   * Adds the version, or replaces its archive.
   * @param options.overwrites whether the write changes more than the archive, so that immutability forbids it
   * @returns the version's id
   */
  write(options?: { overwrites?: boolean }): Promise<number>;
  /** The transaction, for further statements. */
  tx: Transaction;
  /** Whether the actor may replace what exists. */
  mayReplace: boolean;
  /** Digest of the archive's new provenance file, if there is one. */
  provenance: Digest | undefined;
}

/**
 * Stores an archive as a new version, or as an existing one's new archive. OCI clients use one request for both.
 * @param work runs in the transaction: it calls `write`, and may add statements of its own
 * @param options.createdAt when it was published, for a copy from elsewhere; default now
 * @throws {RegistryError} as `publishVersion` and `replaceVersion`, except `version.exists` and `version.notFound`
 */
export async function putVersion(
  registry: RegistryDeps,
  ref: VersionRef,
  archive: Content,
  provenance: Buffer | undefined,
  work: (transaction: PutTransaction) => Promise<void>,
  { createdAt }: Pick<VersionContent, 'createdAt'> = {},
): Promise<void> {
  const summary = await inspect(registry, ref.space, archive);
  assertSameVersion(summary, ref);
  const signed = await createVersionContent(registry, ref, archive, summary, provenance);
  const content = { ...signed, createdAt };
  const checked = await registry.actor.require('chart.publish', ref);
  const mayReplaceChecked = await registry.actor.may('chart.replace', { ...ref, spaceId: checked });
  await writeVersion(registry, ref, content, async (tx, { spaceId: existing, before }) => {
    const spaceId = await confirmOrCreateSpace(tx, registry, ref, existing);
    const rights = { mayReplace: mayReplaceChecked, existing, checked };
    const mayReplace = await mayReplaceInSpace(tx, registry.actor, ref, rights);
    const write = async (options: { overwrites?: boolean } = {}) => {
      if (!before) {
        const id = await addVersion(tx, { spaceId, ref, ...content });
        await recordAudit(tx, registry.actor, publishedEvent(ref, content));
        return id;
      }
      await replaceStored(registry, tx, ref, content, { ...options, mayReplace });
      return before.id;
    };
    await work({ before, write, tx, mayReplace, provenance: content.provenance?.digest });
  });
}

/** Replaces the archive of a version and deletes its lineage. @returns false when the version does not exist */
async function replaceStored(
  { actor }: RegistryDeps,
  ...args: Parameters<typeof replaceContent>
): Promise<boolean> {
  const [tx, ref, { content, provenance }] = args;
  const replaced = await replaceContent(...args);
  if (replaced.kind !== 'replaced') return replaced.kind === 'same';
  await deleteOutdatedLineage(tx, ref);
  await recordAudit(tx, actor, {
    action: 'version.replace',
    right: 'chart.replace',
    ...ref,
    digests: { before: replaced.before, after: content.digest },
    details: { provenance: provenance?.digest },
  });
  return true;
}

function publishedEvent(ref: VersionRef, { content, provenance }: VersionContent): AuditEvent {
  return {
    action: 'version.publish',
    right: 'chart.publish',
    ...ref,
    digests: { after: content.digest },
    details: { provenance: provenance?.digest },
  };
}

function assertSameVersion(summary: StorableSummary, ref: VersionRef): void {
  if (summary.name === ref.chart && summary.version === ref.version) return;
  throw new RegistryError(
    'upload.mismatch',
    `The archive is ${summary.name} ${summary.version}, the path says ${ref.chart} ${ref.version}: they must be the same. Send it to the path of its own name and version, or change Chart.yaml.`,
  );
}

/**
 * Creates a version's content: the archive with its author and its checked provenance file.
 * @throws {RegistryError} `provenance.invalid`, `provenance.mismatch`
 */
async function createVersionContent(
  { actor }: RegistryDeps,
  ref: VersionRef,
  content: Content,
  summary: StorableSummary,
  provenance: Buffer | undefined,
): Promise<VersionContent> {
  const checked = provenance && toCheckedProvenance(provenance, ref, content.digest);
  return { content, summary, provenance: checked, author: await authorOf(actor) };
}

function inspect({ charts }: RegistryDeps, space: string, archive: Content): Promise<StorableSummary> {
  return charts.inspect(space, archive);
}
