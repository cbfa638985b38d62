import type { Digest } from '../blobs/port.ts';
import { valuesComputationVersion } from '../chart/compute-values.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { versionNameOf } from './names.ts';
import type { VersionRef } from './registry.ts';
import { bumpRevision } from './revision.ts';
import { contentColumns, type VersionContent } from './version-columns.ts';
import { hasVersion, versionIdSql } from './version-lookup.ts';

// Order of row locks: chart, version, space, in every write of a version. So no two writers wait for each other in a
// circle. The space's row, which every write locks last, stays locked only for the duration of the commit.

/**
 * Outcome of replacing an archive. The version does not exist, has the same content already, or was changed; then it
 * had another archive before, or at least another provenance file.
 */
export type ReplaceOutcome = { kind: 'missing' } | { kind: 'same' } | { kind: 'replaced'; before: Digest };

interface ReplaceOptions {
  overwrites?: boolean;
  mayReplace?: boolean;
  beforeRevision?: () => Promise<void>;
}

/**
 * Replaces the archive of a version.
 * The provenance file is kept only if the archive is the same. An equal archive with an equal or no provenance file
 * changes nothing; an equal archive with a new provenance file changes the provenance file alone.
 * @param options.overwrites whether the write changes more than the archive, so that immutability forbids it
 * @param options.mayReplace whether the actor may replace another archive or provenance file
 * @param options.beforeRevision what else the transaction writes, before it locks the row of the space
 * @throws {RegistryError} `version.immutable`
 */
export async function replaceContent(
  tx: Transaction,
  ref: VersionRef,
  content: VersionContent,
  { overwrites = false, mayReplace = true, beforeRevision }: ReplaceOptions = {},
): Promise<ReplaceOutcome> {
  const [replaced] = await tx.query<{ space_id: number; overwrites: boolean; before: Digest; grown: number }>(
    `UPDATE versions v SET digest = $4, size = $5, metadata = $6, values = $7, outline = CASE WHEN before.digest = $4 THEN v.outline END,
            entry = CASE WHEN before.digest = $4 THEN v.entry ELSE $8 END,
            values_computation = ${valuesComputationVersion}, values_majors = $13,
            provenance = CASE WHEN $9::text IS NULL AND before.digest = $4 THEN before.provenance ELSE $9 END,
            provenance_size = CASE WHEN $9::text IS NULL AND before.digest = $4
                                   THEN before.provenance_size ELSE $10 END,
            author_id = CASE WHEN before.digest = $4 THEN v.author_id ELSE $11::uuid END,
            author = CASE WHEN before.digest = $4 THEN v.author ELSE $12 END,
            updated_at = CASE WHEN before.digest = $4 THEN v.updated_at ELSE now() END
       FROM versions before JOIN charts c ON c.id = before.chart_id
      WHERE v.id = before.id AND before.id = ${versionIdSql('$1', '$2', '$3')}
        AND (before.digest <> $4 OR $9::text IS NOT NULL AND before.provenance IS DISTINCT FROM $9)
      RETURNING c.space_id, before.digest AS before, v.size - before.size AS grown, before.digest <> v.digest
                OR before.provenance IS NOT NULL AND before.provenance <> v.provenance AS overwrites`,
    [ref.space, ref.chart, ref.version, ...contentColumns(ref, content)],
  );
  if (!replaced) return { kind: (await hasVersion(tx, ref)) ? 'same' : 'missing' };
  await beforeRevision?.();
  await bumpRevision(tx, replaced.space_id, ref, {
    overwrites: overwrites || replaced.overwrites,
    mayReplace,
    bytes: replaced.grown,
  });
  return { kind: 'replaced', before: replaced.before };
}

/**
 * Deletes a version, and its chart with the last version.
 * @returns the digest of its archive; undefined when there is no such version
 * @throws {RegistryError} `version.immutable`
 */
export async function deleteVersionRow(tx: Transaction, ref: VersionRef): Promise<Digest | undefined> {
  const [chart] = await tx.query<{ id: number; space_id: number; version_count: number }>(
    `UPDATE charts c SET version_count = c.version_count - 1
       FROM spaces s
      WHERE s.id = c.space_id AND s.name = $1 AND c.name = $2
        AND EXISTS (SELECT FROM versions v WHERE v.chart_id = c.id AND v.version = $3)
      RETURNING c.id, c.space_id, c.version_count`,
    [ref.space, ref.chart, ref.version],
  );
  if (!chart) return undefined;
  const [deleted] = await tx.query<{ digest: Digest; size: number }>(
    'DELETE FROM versions WHERE chart_id = $1 AND version = $2 RETURNING digest, size',
    [chart.id, ref.version],
  );
  if (chart.version_count === 0) await tx.query('DELETE FROM charts WHERE id = $1', [chart.id]);
  await bumpRevision(tx, chart.space_id, ref, {
    versions: -1,
    charts: chart.version_count === 0 ? -1 : 0,
    bytes: -(deleted?.size ?? 0),
    overwrites: true,
  });
  return deleted?.digest;
}

/** Whether versions of a space are not replaced. */
export async function isImmutable(db: Queryable, space: string): Promise<boolean> {
  const frozen = await db.query(`SELECT FROM spaces WHERE name = $1 AND overwriting = 'immutable'`, [space]);
  return frozen.length > 0;
}

/**
 * Makes the error for a version that exists already. It advises what the space allows.
 * @param remedy what the client may do in a mutable space, besides using another version
 */
export async function createVersionExistsError(
  db: Queryable,
  ref: VersionRef,
  remedy = 'replace or delete that one',
): Promise<RegistryError> {
  const advice = (await isImmutable(db, ref.space))
    ? `versions in space ${ref.space} are immutable, so use another version`
    : `use another version, or ${remedy}`;
  return new RegistryError('version.exists', `${versionNameOf(ref)} exists already: ${advice}.`);
}
