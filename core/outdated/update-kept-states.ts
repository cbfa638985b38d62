import type { Database, Transaction } from '../db/port.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import type { VersionRef } from '../registry/registry.ts';
import { lockStates } from './lock-states.ts';
import { findSourceStates, newerStep, type SourceState } from './source-state.ts';

/** Versions of one transaction, and sources after which it takes no further version. */
const batchBounds = { versions: 200, sources: 2_000 };

/** Composed version with its sources, as they were. */
interface Composed extends VersionRef {
  versionId: number;
  sortKey: string;
  sources: ResolvedSource[];
}

/**
 * Updates the kept states of marked versions, in batches, from what is stored now.
 * Versions come in the order of their marks; those stored before an upgrade come last. A batch that is not committed
 * stays marked.
 * @param signal ends the work before the next batch
 * @returns the number of versions
 */
export async function updateKeptStates(db: Database, signal?: AbortSignal): Promise<number> {
  for (let total = 0; ; ) {
    if (signal?.aborted || (await db.query('SELECT FROM state_work LIMIT 1')).length === 0) return total;
    total += await db.transaction(updateStatesOfBatch);
  }
}

async function updateStatesOfBatch(tx: Transaction): Promise<number> {
  await lockStates(tx);
  const marked = await claimMarks(tx);
  const composed = await tx.query<Composed>(
    `SELECT s.name AS space, c.name AS chart, v.version, v.id AS "versionId", v.sort_key AS "sortKey", l.sources
       FROM lineage l JOIN versions v ON v.id = l.version_id JOIN charts c ON c.id = v.chart_id
            JOIN spaces s ON s.id = c.space_id
      WHERE l.version_id = ANY($1::bigint[])`,
    [marked],
  );
  const states = await findSourceStates(
    tx,
    composed.map(({ sources }) => sources),
  );
  const rows = composed.map(({ sources, ...version }, index) => ({
    ...version,
    ...spacesWithChangedSources(sources, states[index] ?? []),
  }));
  await saveStates(tx, rows);
  const there = new Set(composed.map(({ versionId }) => versionId));
  const gone = await tx.query<{ space: string; chart: string }>(
    'DELETE FROM composed_states WHERE version_id = ANY($1::bigint[]) RETURNING space, chart',
    [marked.filter((id) => !there.has(id))],
  );
  await markHighest(tx, [...composed, ...gone]);
  return marked.length;
}

/** Claims the next marks, and deletes their rows. @returns ids of versions */
async function claimMarks(tx: Transaction): Promise<number[]> {
  const rows = await tx.query<{ versionId: number }>(
    `WITH next AS (
       SELECT version_id, number, coalesce(jsonb_array_length(l.sources), 0) AS sources
         FROM (SELECT version_id, number FROM state_work ORDER BY number LIMIT $1) w LEFT JOIN lineage l USING (version_id)
     ), fitting AS (
       SELECT version_id, sum(sources) OVER (ORDER BY number) - sources AS before FROM next
     )
     DELETE FROM state_work w USING fitting f WHERE f.version_id = w.version_id AND f.before < $2
     RETURNING w.version_id AS "versionId"`,
    [batchBounds.versions, batchBounds.sources],
  );
  return rows.map(({ versionId }) => versionId);
}

/** Spaces with sources that have changed. */
interface ChangedSpaces {
  outdatedIn: string[];
  newerIn: string[];
}

function spacesWithChangedSources(
  sources: readonly ResolvedSource[],
  states: readonly SourceState[],
): ChangedSpaces {
  const spacesWhere = (test: (state: SourceState) => boolean) => [
    ...new Set(states.flatMap((state, index) => (test(state) ? [sources[index]?.space ?? ''] : []))),
  ];
  return {
    outdatedIn: spacesWhere(({ outdated }) => outdated).sort(),
    newerIn: spacesWhere((state) => newerStep(state) !== 'none').sort(),
  };
}

/**
 * Saves states. A new version that is the only one of its chart, or the highest of several new ones, is marked as the
 * highest at once: marking it later would write its row and all its index entries a second time.
 */
async function saveStates(
  tx: Transaction,
  rows: readonly (Omit<Composed, 'sources'> & ChangedSpaces)[],
): Promise<void> {
  await tx.query(
    `INSERT INTO composed_states AS c (version_id, space, chart, sort_key, version, outdated_in, newer_in, highest)
     SELECT "versionId", space, chart, "sortKey", version, "outdatedIn", "newerIn",
            row_number() OVER (PARTITION BY space, chart ORDER BY "sortKey" DESC, version DESC) = 1
              AND NOT EXISTS (SELECT FROM composed_states o WHERE o.space = w.space AND o.chart = w.chart)
       FROM jsonb_to_recordset($1::jsonb)
            AS w ("versionId" bigint, space text COLLATE "C", chart text COLLATE "C", "sortKey" text COLLATE "C",
                  version text COLLATE "C", "outdatedIn" text[], "newerIn" text[])
     ON CONFLICT (version_id) DO UPDATE SET outdated_in = excluded.outdated_in, newer_in = excluded.newer_in
      WHERE (c.outdated_in, c.newer_in) IS DISTINCT FROM (excluded.outdated_in, excluded.newer_in)`,
    [JSON.stringify(rows)],
  );
}

/** Marks the highest composed version of each chart, and no other. */
async function markHighest(
  tx: Transaction,
  charts: readonly { space: string; chart: string }[],
): Promise<void> {
  await tx.query(
    `WITH touched AS (
       SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS t (space, chart)
     ), top AS (
       SELECT h.version_id FROM touched t CROSS JOIN LATERAL (
         SELECT c.version_id FROM composed_states c JOIN lineage l USING (version_id)
          WHERE c.space = t.space AND c.chart = t.chart ORDER BY c.sort_key DESC, c.version DESC LIMIT 1
       ) h
     ), flipped AS (
       SELECT h.version_id FROM touched t JOIN composed_states h ON h.space = t.space AND h.chart = t.chart AND h.highest
        WHERE h.version_id NOT IN (SELECT version_id FROM top)
        UNION ALL
       SELECT version_id FROM top
     )
     UPDATE composed_states c SET highest = NOT c.highest FROM flipped f
      WHERE c.version_id = f.version_id AND c.highest <> (c.version_id IN (SELECT version_id FROM top))`,
    [charts.map(({ space }) => space), charts.map(({ chart }) => chart)],
  );
}
