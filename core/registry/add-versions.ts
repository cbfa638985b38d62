import { valuesComputationVersion } from '../chart/compute-values.ts';
import type { Transaction } from '../db/port.ts';
import { parseVersion, sortKey } from '../semver/version.ts';
import type { VersionRef } from './registry.ts';
import { bumpAtCommit, checkMayReplace } from './revision.ts';
import { hidesTagSql } from './shadowed-tags.ts';
import { contentColumns, type VersionContent } from './version-columns.ts';
import { hasVersion } from './version-lookup.ts';
import { createVersionExistsError } from './version-rows.ts';

/** A version to be added. */
export interface NewVersion extends VersionContent {
  spaceId: number;
  ref: VersionRef;
  /** Whether the actor may replace what exists, so that the version may hide an OCI tag of its name; default true. */
  mayReplace?: boolean;
}

/** Outcome of adding one version of a set. `exists`: the version, or a tag that the actor may not replace. */
export type AdditionOutcome = { kind: 'added'; id: number } | { kind: 'exists' };

interface AddedRow {
  id: number;
  position: number;
  isNewChart: boolean;
}

/**
 * Adds versions, and charts of which they are the first ones.
 * The transaction has the lock on each version. So nobody else adds or deletes one of them, and those that exist are
 * known before a row is written. The only statement is sent before the function returns.
 * @param items versions of any charts and spaces, each of them once
 * @returns outcomes in the order of the items; a version that exists does not hinder the others
 */
export async function addVersions(tx: Transaction, items: readonly NewVersion[]): Promise<AdditionOutcome[]> {
  const rows = await tx.query<AddedRow>(addStatement, toVersionArrays(items));
  const outcomes = items.map((): AdditionOutcome => ({ kind: 'exists' }));
  const changes = rows.flatMap(({ id, position, isNewChart }) => {
    const item = items[position - 1];
    outcomes[position - 1] = { kind: 'added', id };
    if (!item) return [];
    const { ref, spaceId, content } = item;
    return [{ ...ref, spaceId, versions: 1, charts: isNewChart ? 1 : 0, bytes: content.size }];
  });
  bumpAtCommit(tx, changes);
  return outcomes;
}

/**
 * Adds one version, under its lock.
 * @returns the version's id
 * @throws {RegistryError} `version.exists`; `access.denied` for a version that would hide a tag
 */
export async function addVersion(tx: Transaction, item: NewVersion): Promise<number> {
  const [outcome] = await addVersions(tx, [item]);
  if (outcome?.kind === 'added') return outcome.id;
  const { ref, mayReplace = true } = item;
  checkMayReplace(ref, { overwrites: !(await hasVersion(tx, ref)), mayReplace });
  throw await createVersionExistsError(tx, ref);
}

// Charts are locked in the order of their names, so that sets with the same charts do not wait for each other in a
// circle. A chart that has as many versions as the set adds to it is new.
const addStatement = `
  WITH item AS (
    SELECT * FROM unnest(
      (SELECT $1::bigint[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::text[]), (SELECT $5::text[]),
      (SELECT $6::bigint[]), (SELECT $7::text[]), (SELECT $8::text[]), (SELECT $9::text[]), (SELECT $10::text[]),
      (SELECT $11::bigint[]), (SELECT $12::uuid[]), (SELECT $13::text[]), (SELECT $14::text[]),
      (SELECT $15::boolean[]), (SELECT $16::timestamptz[])
    ) WITH ORDINALITY AS i (space_id, chart, version, sort_key, digest, size, metadata, "values", entry,
                            provenance, provenance_size, author_id, author, values_majors, may_replace, created_at, position)
  ), missing AS (
    SELECT * FROM item i WHERE NOT EXISTS (
      SELECT FROM versions v WHERE v.version = i.version AND v.chart_id =
        (SELECT c.id FROM charts c WHERE c.name = i.chart AND c.space_id = i.space_id))
      AND (i.may_replace OR NOT ${hidesTagSql('i.space_id', 'i.chart', 'i.version')})
  ), growth AS (
    SELECT space_id, chart, count(*) AS versions FROM missing GROUP BY space_id, chart
  ), grown AS (
    INSERT INTO charts (space_id, name, version_count)
    SELECT space_id, chart, versions FROM growth ORDER BY space_id, chart COLLATE "C"
    ON CONFLICT (space_id, name) DO UPDATE SET version_count = charts.version_count + excluded.version_count
    RETURNING id, space_id, name, version_count
  ), added AS (
    INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, values, entry,
                          provenance, provenance_size, author_id, author, values_computation, values_majors,
                          created_at)
    SELECT c.id, m.version, m.sort_key, m.digest, m.size, m.metadata::jsonb, m."values"::jsonb, m.entry,
           m.provenance, m.provenance_size, m.author_id, m.author, ${valuesComputationVersion}, m.values_majors,
           coalesce(m.created_at, now())
      FROM missing m JOIN grown c ON c.space_id = m.space_id AND c.name = m.chart
    RETURNING id, chart_id, version
  )
  SELECT a.id, m.position, row_number() OVER (PARTITION BY c.id ORDER BY m.position) = 1
                           AND c.version_count = g.versions AS "isNewChart"
    FROM added a JOIN grown c ON c.id = a.chart_id
         JOIN growth g ON g.space_id = c.space_id AND g.chart = c.name
         JOIN missing m ON m.space_id = c.space_id AND m.chart = c.name AND m.version = a.version
   ORDER BY m.position`;

/** Makes one array for each column. */
function toVersionArrays(items: readonly NewVersion[]): unknown[][] {
  const rows = items.map(({ spaceId, ref, mayReplace = true, ...content }) => [
    spaceId,
    ref.chart,
    ref.version,
    precedenceOf(ref.version),
    ...contentColumns(ref, content),
    mayReplace,
    content.createdAt ?? null,
  ]);
  return Array.from({ length: 16 }, (_, column) => rows.map((row) => row[column]));
}

function precedenceOf(version: string): string {
  const parsed = parseVersion(version);
  if (!parsed) throw new Error(`${version} is not a version`);
  return sortKey(parsed);
}
