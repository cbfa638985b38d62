import type { Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';
import type { JsonText } from './documents.ts';
import { createHiddenSourceCheck, listNameableCharts, maskSources, maskWarning } from './mask-sources.ts';
import { checkVersionRef, toColumnArrays, versionNameOf } from './names.ts';
import { explainMissing } from './not-found.ts';
import { recipeTextSql } from './recipe-text.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
import { hasVersion, versionIdSql } from './version-lookup.ts';

/** A row of lineage, as `readLineage` returns it. */
interface LineageRow {
  /** Digest of the archive as it was composed. */
  digest: Digest;
  /** Whether the version's values or metadata were rewritten since. */
  modified: boolean;
  job: string;
  composedAt: Date;
  /** The recipe as it was sent, without its callback. */
  recipe: JsonText;
  plan: JsonText;
  sources: JsonText;
  /** Spaces of `save.from`; null without it. */
  from: string[] | null;
  /** Warnings of the job. */
  warnings: JsonText;
}

/** A source of a composed version, with the digest it had then. */
type LineageSource = VersionRef & { digest: Digest };

/** Lineage of a composed version. */
export interface NewLineage {
  /** The job whose row has the names of the version, the recipe and the plan. */
  jobId: string;
  /** Digest of the archive. */
  digest: Digest;
  sources: readonly LineageSource[];
}

/** Stores the lineage of versions, in the transaction that adds them. */
export async function addLineages(tx: Transaction, lineages: readonly NewLineage[]): Promise<void> {
  const sources = lineages.flatMap(({ jobId, sources }) => sources.map((source) => ({ ...source, jobId })));
  await tx.query(
    `WITH composed AS (
       INSERT INTO lineage (version_id, job_id, digest, recipe, recipe_text, plan, sources, warnings)
       SELECT ${versionIdSql('j.space', 'j.chart', 'j.version')}, j.id, l.digest, j.recipe, j.recipe_text, j.plan,
              coalesce(j.sources, '[]'), j.warnings
         FROM unnest((SELECT $1::uuid[]), (SELECT $2::text[])) AS l (job_id, digest) JOIN jobs j ON j.id = l.job_id
       RETURNING version_id, job_id
     )
     INSERT INTO lineage_sources (space, chart, version, version_id, digest)
     SELECT s.space, s.chart, s.version, composed.version_id, s.digest
       FROM unnest((SELECT $3::uuid[]), (SELECT $4::text[]), (SELECT $5::text[]), (SELECT $6::text[]), (SELECT $7::text[])) AS s (job_id, space, chart, version, digest)
       JOIN composed USING (job_id)`,
    [
      lineages.map(({ jobId }) => jobId),
      lineages.map(({ digest }) => digest),
      sources.map(({ jobId }) => jobId),
      ...toColumnArrays(sources),
      sources.map(({ digest }) => digest),
    ],
  );
}

/**
 * Deletes the lineage of a version that a job's lineage replaces.
 * @returns whether the version had a lineage with the same recipe and the same sources
 */
export async function deleteReplacedLineage(
  tx: Transaction,
  ref: VersionRef,
  jobId: string,
): Promise<boolean> {
  const [dropped] = await tx.query<{ isSame: boolean }>(
    `DELETE FROM lineage l USING jobs j
      WHERE l.version_id = ${versionIdSql('$1', '$2', '$3')} AND j.id = $4
      RETURNING l.recipe = j.recipe AND l.sources = coalesce(j.sources, '[]') AS "isSame"`,
    [ref.space, ref.chart, ref.version, jobId],
  );
  return dropped?.isSame ?? false;
}

/** Deletes the lineage of a version whose archive was replaced by an upload. */
export async function deleteOutdatedLineage(tx: Transaction, ref: VersionRef): Promise<void> {
  await tx.query(
    `DELETE FROM lineage l USING versions v
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')} AND l.version_id = v.id AND l.digest <> v.digest`,
    [ref.space, ref.chart, ref.version],
  );
}

/**
 * Reads the lineage of a version, as JSON. Recipe and plan may have megabytes, so they are not parsed. Where the actor
 * may not read one of the sources, or a space of `save.from`, both are left out and the names are masked.
 * @throws {RegistryError} `lineage.notFound` for a version that was not composed, or was replaced by an upload;
 *   `version.notFound`, or that of its chart or space
 */
export async function readLineage(registry: RegistryDeps, ref: VersionRef): Promise<JsonText> {
  checkVersionRef(ref);
  const [row] = await registry.db.query<LineageRow>(
    `SELECT l.digest, l.digest <> v.digest AS modified, l.job_id AS job, l.composed_at AS "composedAt",
            ${recipeTextSql('l')} AS recipe, l.recipe #> '{save,from}' AS "from", l.plan::text, l.sources::text,
            coalesce(l.warnings, '[]')::text AS warnings
       FROM lineage l JOIN versions v ON v.id = l.version_id
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version],
  );
  if (row) {
    const { recipe, from: _, plan, sources, warnings, ...fields } = await maskLineage(registry, ref, row);
    return `${JSON.stringify(fields).slice(0, -1)},"recipe":${recipe},"plan":${plan},"sources":${sources},"warnings":${warnings}}`;
  }
  if (!(await hasVersion(registry.db, ref)))
    throw await explainMissing(registry.db, ref, registry.suggestible);
  throw new RegistryError(
    'lineage.notFound',
    `${versionNameOf(ref)} was uploaded, not composed: it has no lineage.`,
  );
}

/** Leaves out recipe and plan, and masks names, where the actor may not read all that the recipe names. */
async function maskLineage(
  { db, actor }: RegistryDeps,
  { space, chart, version }: VersionRef,
  row: LineageRow,
): Promise<LineageRow> {
  if (!actor.guarded) return row;
  const sources: ResolvedSource[] = JSON.parse(row.sources);
  const named = listNameableCharts(sources, row.from);
  const isHidden = await createHiddenSourceCheck(actor, named);
  if (!named.some(isHidden)) return row;
  const [plan] = await db.query<{ values: string }>(
    `SELECT plan ->> 'values' AS values FROM lineage WHERE version_id = ${versionIdSql('$1', '$2', '$3')}`,
    [space, chart, version],
  );
  const warnings: Warning[] = JSON.parse(row.warnings);
  return {
    ...row,
    recipe: '{}',
    plan: JSON.stringify({ space, chart, version, values: plan?.values ?? 'merge', root: {} }),
    sources: JSON.stringify(maskSources(sources, isHidden)),
    warnings: JSON.stringify(warnings.map(maskWarning)),
  };
}
