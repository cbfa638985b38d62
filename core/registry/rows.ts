import type { Content } from '../blobs/port.ts';
import type { ChartSummary } from '../chart/read-chart.ts';
import { parseVersion, sortKey } from '../chart/version.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { VersionRef } from './registry.ts';

// Whoever writes a version touches rows in one order: chart, version, space. So no two writers wait in a circle, and the
// space's revision, which every writer bumps, is held only until the commit that follows.

/** The id of a space, or undefined. */
export async function findSpace(tx: Transaction, space: string): Promise<number | undefined> {
  const [row] = await tx.query<{ id: number }>('SELECT id FROM spaces WHERE name = $1', [space]);
  return row?.id;
}

/**
 * The id of a space that is made if it is not there. Its row is not locked by that, for every writer comes to it last.
 */
export async function ensureSpace(tx: Transaction, space: string): Promise<number> {
  const found = await findSpace(tx, space);
  if (found !== undefined) return found;
  // Of two that insert at once the second waits for the first, and then finds its row.
  await tx.query('INSERT INTO spaces (name) VALUES ($1) ON CONFLICT (name) DO NOTHING', [space]);
  const made = await findSpace(tx, space);
  if (made === undefined) throw new Error('a space was not written');
  return made;
}

/**
 * Adds a version, and its chart if this is the first one.
 * @returns the version's id
 * @throws {RegistryError} `version.exists`
 */
export async function addVersion(
  tx: Transaction,
  spaceId: number,
  ref: VersionRef,
  content: Content,
  summary: ChartSummary,
): Promise<number> {
  const [chart] = await tx.query<{ id: number; version_count: number }>(
    `INSERT INTO charts (space_id, name, version_count) VALUES ($1, $2, 1)
     ON CONFLICT (space_id, name) DO UPDATE SET version_count = charts.version_count + 1
     RETURNING id, version_count`,
    [spaceId, ref.chart],
  );
  if (!chart) throw new Error('a chart was not written');
  const [added] = await tx.query<{ id: number }>(
    `INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, values, outline)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (chart_id, version) DO NOTHING
     RETURNING id`,
    [
      chart.id,
      ref.version,
      precedenceOf(ref.version),
      content.digest,
      content.size,
      JSON.stringify(summary.metadata),
      JSON.stringify(summary.values),
      summary.outline ?? null,
    ],
  );
  if (!added) throw versionExistsError(ref);
  await tx.query(
    `UPDATE spaces SET revision = revision + 1, version_count = version_count + 1,
            chart_count = chart_count + $2 WHERE id = $1`,
    [spaceId, chart.version_count === 1 ? 1 : 0],
  );
  return added.id;
}

function precedenceOf(version: string): string {
  const parsed = parseVersion(version);
  if (!parsed) throw new Error(`${version} was taken for a version`);
  return sortKey(parsed);
}

/** Gives a version other bytes. @returns false when there is no such version */
export async function replaceContent(
  tx: Transaction,
  ref: VersionRef,
  content: Content,
  summary: ChartSummary,
): Promise<boolean> {
  const [replaced] = await tx.query<{ space_id: number }>(
    `UPDATE versions v SET digest = $4, size = $5, metadata = $6, values = $7, outline = $8, updated_at = now()
       FROM charts c JOIN spaces s ON s.id = c.space_id
      WHERE c.id = v.chart_id AND s.name = $1 AND c.name = $2 AND v.version = $3
      RETURNING c.space_id`,
    [
      ref.space,
      ref.chart,
      ref.version,
      content.digest,
      content.size,
      JSON.stringify(summary.metadata),
      JSON.stringify(summary.values),
      summary.outline ?? null,
    ],
  );
  if (!replaced) return false;
  await tx.query('UPDATE spaces SET revision = revision + 1 WHERE id = $1', [replaced.space_id]);
  return true;
}

/** Takes a version away, and its chart with the last one. @returns false when there is no such version */
export async function removeVersion(tx: Transaction, ref: VersionRef): Promise<boolean> {
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
  await tx.query(
    `UPDATE spaces SET revision = revision + 1, version_count = version_count - 1,
            chart_count = chart_count - $2 WHERE id = $1`,
    [chart.space_id, chart.version_count === 0 ? 1 : 0],
  );
  return true;
}

export function versionExistsError({ space, chart, version }: VersionRef): RegistryError {
  return new RegistryError('version.exists', `${space}/${chart}/${version} exists already.`);
}

export async function hasVersion(db: Queryable, { space, chart, version }: VersionRef): Promise<boolean> {
  const found = await db.query(
    `SELECT 1 FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE s.name = $1 AND c.name = $2 AND v.version = $3`,
    [space, chart, version],
  );
  return found.length > 0;
}
