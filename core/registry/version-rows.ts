import type { Content } from '../blobs/port.ts';
import { valuesComputation } from '../chart/compute-values.ts';
import { renderEntry } from '../chart/index-entry.ts';
import type { StorableSummary } from '../chart-work/chart-work.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { parseVersion, sortKey } from '../semver/version.ts';
import type { JsonObject } from '../yaml/json.ts';
import { nameOf } from './names.ts';
import type { VersionRef } from './registry.ts';
import { bumpRevision, bumpRevisionSql } from './revision.ts';
import { hasVersion, versionIdSql } from './version-lookup.ts';

// Order of row locks: chart, version, space, in every write of a version. So no two writers wait for each other in a
// circle, and the space's row, which every write locks last, stays locked only for the duration of the commit.

/**
 * Adds a version, and its chart if this is the first one.
 * @param provenance the provenance file of the archive, if there is one
 * @returns the version's id
 * @throws {RegistryError} `version.exists`
 */
export async function addVersion(
  tx: Transaction,
  spaceId: number,
  ref: VersionRef,
  content: Content,
  summary: StorableSummary,
  provenance?: Content,
): Promise<number> {
  const [added] = await tx.query<{ id: number }>(
    `WITH chart AS (
       INSERT INTO charts (space_id, name, version_count) VALUES ($1, $2, 1)
       ON CONFLICT (space_id, name) DO UPDATE SET version_count = charts.version_count + 1
       RETURNING id
     ), added AS (
       INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, values, entry,
                             provenance, provenance_size, values_computation)
       SELECT id, $3, $4, $5, $6, $7, $8, $9, $10, $11, ${valuesComputation} FROM chart
       ON CONFLICT (chart_id, version) DO NOTHING
       RETURNING id
     )
     SELECT id FROM added`,
    [
      spaceId,
      ref.chart,
      ref.version,
      precedenceOf(ref.version),
      ...contentColumns(ref, content, summary, provenance),
    ],
  );
  if (!added) throw await explainExisting(tx, ref);
  // Raised at the commit, so that other writers of the space wait for the commit alone, not for later statements before
  // it.
  tx.atCommit(bumpForNew, [spaceId, ref.chart, ref.version]);
  return added.id;
}

const bumpForNew = `WITH ${bumpRevisionSql({
  space: '$1',
  versions: '1',
  charts: '(SELECT (c.version_count = 1)::int FROM charts c WHERE c.space_id = $1 AND c.name = $2)',
  overwrites: 'false',
  chart: '$2',
  version: '$3',
})} SELECT FROM bumped`;

function precedenceOf(version: string): string {
  const parsed = parseVersion(version);
  if (!parsed) throw new Error(`${version} is not a version`);
  return sortKey(parsed);
}

/** Outcome of replacing an archive: the version does not exist, has the same content already, or was changed. */
export type Replaced = 'missing' | 'same' | 'replaced';

/**
 * Replaces the archive of a version.
 * The provenance file is kept only if the archive is the same. An equal archive with an equal or no provenance file
 * changes nothing; an equal archive with a new provenance file changes the provenance file alone.
 * @param options.provenance the provenance file of the archive, if there is one
 * @param options.overwrites whether the write changes more than the archive, so that immutability forbids it
 * @throws {RegistryError} `version.immutable`
 */
export async function replaceContent(
  tx: Transaction,
  ref: VersionRef,
  content: Content,
  summary: StorableSummary,
  { provenance, overwrites = false }: { provenance?: Content | undefined; overwrites?: boolean } = {},
): Promise<Replaced> {
  const [replaced] = await tx.query<{ space_id: number; overwrites: boolean }>(
    `UPDATE versions v SET digest = $4, size = $5, metadata = $6, values = $7, outline = CASE WHEN before.digest = $4 THEN v.outline END,
            entry = CASE WHEN before.digest = $4 THEN v.entry ELSE $8 END,
            values_computation = ${valuesComputation},
            provenance = CASE WHEN $9::text IS NULL AND before.digest = $4 THEN before.provenance ELSE $9 END,
            provenance_size = CASE WHEN $9::text IS NULL AND before.digest = $4
                                   THEN before.provenance_size ELSE $10 END,
            updated_at = CASE WHEN before.digest = $4 THEN v.updated_at ELSE now() END
       FROM versions before JOIN charts c ON c.id = before.chart_id
      WHERE v.id = before.id AND before.id = ${versionIdSql('$1', '$2', '$3')}
        AND (before.digest <> $4 OR $9::text IS NOT NULL AND before.provenance IS DISTINCT FROM $9)
      RETURNING c.space_id, before.digest <> v.digest
                OR before.provenance IS NOT NULL AND before.provenance <> v.provenance AS overwrites`,
    [ref.space, ref.chart, ref.version, ...contentColumns(ref, content, summary, provenance)],
  );
  if (!replaced) return (await hasVersion(tx, ref)) ? 'same' : 'missing';
  await bumpRevision(tx, replaced.space_id, ref, { overwrites: overwrites || replaced.overwrites });
  return 'replaced';
}

function toText(document: JsonObject | string): string {
  return typeof document === 'string' ? document : JSON.stringify(document);
}

/** Column values of a version's content, in the order of both statements above. */
function contentColumns(
  ref: VersionRef,
  content: Content,
  summary: StorableSummary,
  provenance: Content | undefined,
): unknown[] {
  return [
    content.digest,
    content.size,
    toText(summary.metadata),
    summary.values ? toText(summary.values) : null,
    renderEntry(summary.helmMetadata, ref, content.digest, new Date()),
    provenance?.digest ?? null,
    provenance?.size ?? null,
  ];
}

/**
 * Deletes a version, and its chart with the last version.
 * @returns false when there is no such version
 * @throws {RegistryError} `version.immutable`
 */
export async function deleteVersionRow(tx: Transaction, ref: VersionRef): Promise<boolean> {
  const [chart] = await tx.query<{ id: number; space_id: number; version_count: number }>(
    `UPDATE charts c SET version_count = c.version_count - 1
       FROM spaces s
      WHERE s.id = c.space_id AND s.name = $1 AND c.name = $2
        AND EXISTS (SELECT FROM versions v WHERE v.chart_id = c.id AND v.version = $3)
      RETURNING c.id, c.space_id, c.version_count`,
    [ref.space, ref.chart, ref.version],
  );
  if (!chart) return false;
  await tx.query('DELETE FROM versions WHERE chart_id = $1 AND version = $2', [chart.id, ref.version]);
  if (chart.version_count === 0) await tx.query('DELETE FROM charts WHERE id = $1', [chart.id]);
  await bumpRevision(tx, chart.space_id, ref, {
    versions: -1,
    charts: chart.version_count === 0 ? -1 : 0,
    overwrites: true,
  });
  return true;
}

/** Makes the error for a version that exists already. It advises what the space allows. */
export async function explainExisting(db: Queryable, ref: VersionRef): Promise<RegistryError> {
  const frozen = await db.query(`SELECT FROM spaces WHERE name = $1 AND overwriting = 'immutable'`, [
    ref.space,
  ]);
  const advice =
    frozen.length > 0
      ? `versions in space ${ref.space} are immutable, so use another version`
      : 'use another version, or replace or delete that one';
  return new RegistryError('version.exists', `${nameOf(ref)} exists already: ${advice}.`);
}
