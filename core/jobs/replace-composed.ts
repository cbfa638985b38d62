import type { AuditRecord } from '../audit/event.ts';
import { recordAuditRecords } from '../audit/record.ts';
import type { Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { recordReplaced } from '../events/record-replaced.ts';
import { startFollows } from '../follow/start-follows.ts';
import { addLineages, deleteReplacedLineage, type NewLineage } from '../registry/lineage.ts';
import { versionNameOf } from '../registry/names.ts';
import type { VersionRef } from '../registry/registry.ts';
import type { VersionContent } from '../registry/version-columns.ts';
import { replaceContent } from '../registry/version-rows.ts';

/** Composed chart that takes the place of a version. */
export interface ReplacingChart {
  ref: VersionRef;
  content: VersionContent;
  lineage: NewLineage;
  /** Digest of the archive that it was accepted to replace. */
  replaces: Digest;
  /** Event of the replacement. */
  audit: AuditRecord | undefined;
  /** Event in its place where the bytes are the same. */
  auditUnchanged?: AuditRecord | undefined;
}

/**
 * Replaces a version's archive and lineage by composed ones. An upload replaces archives so too. Equal bytes change
 * nothing of the version: only the lineage is that of the new recipe. An event announces it where the recipe or its
 * sources are others, for what is kept about sources. The follow of the recipe is set with it, before the row of the
 * space is locked. The caller has locked or reserved the version, and replaces no other in the transaction.
 * @throws {RegistryError} `version.changed` where the version is not the one that was to be replaced; `version.immutable`
 */
export async function replaceComposedChart(
  tx: Transaction,
  { ref, content, lineage, replaces, audit, auditUnchanged }: ReplacingChart,
): Promise<void> {
  const beforeRevision = () => writeLineage(tx, ref, lineage).then(() => undefined);
  const replaced = await replaceContent(tx, ref, content, { beforeRevision });
  if (replaced.kind === 'missing' || (replaced.kind === 'replaced' && replaced.before !== replaces))
    throw versionChangedError(ref);
  if (replaced.kind === 'same' && !(await writeLineage(tx, ref, lineage))) await recordReplaced(tx, ref);
  recordAuditRecords(tx, [replaced.kind === 'replaced' ? audit : auditUnchanged]);
}

/** Writes the lineage of the version in place of the former one, and sets the follow of its recipe. @returns whether it is the same */
async function writeLineage(tx: Transaction, ref: VersionRef, lineage: NewLineage): Promise<boolean> {
  const [isSameLineage] = await Promise.all([
    deleteReplacedLineage(tx, ref, lineage.jobId),
    addLineages(tx, [lineage]),
    startFollows(tx, [lineage.jobId]),
  ]);
  return isSameLineage;
}

function versionChangedError(ref: VersionRef): RegistryError {
  return new RegistryError(
    'version.changed',
    `${versionNameOf(ref)} was replaced or deleted while a recipe was composed over it. Nothing was stored; send the recipe again to replace what is there now.`,
  );
}
