import type { Transaction } from '../db/port.ts';
import type { VersionEvent } from '../events/version-event.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import { parseVersion, sortKey } from '../semver/version.ts';
import { lockStates } from './lock-states.ts';

/**
 * Marks the composed versions whose state a change of versions may have changed. Marked are those made from any
 * version of the same charts, and the changed versions themselves. Each is marked once, and its state is made anew
 * later (`updateKeptStates`), from what is stored then. A mark keeps its place; one left by an upgrade, which waits behind
 * all others, gets a place among them.
 */
export async function markStates(tx: Transaction, events: readonly VersionEvent[]): Promise<void> {
  await lockStates(tx);
  await tx.query(
    `WITH changed AS (
       SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
         AS w (space, chart, version, sort_key)
     )
     INSERT INTO state_work (version_id)
     SELECT l.version_id FROM (SELECT DISTINCT space, chart FROM changed) w
            JOIN lineage_sources l ON l.space = w.space AND l.chart = w.chart
      UNION
     SELECT l.version_id FROM changed w
            JOIN lineage l ON l.version_id = ${versionIdSql('w.space', 'w.chart', 'w.version')}
      UNION
     SELECT c.version_id FROM changed w
            JOIN composed_states c ON (c.space, c.chart, c.sort_key, c.version) = (w.space, w.chart, w.sort_key, w.version)
     ON CONFLICT (version_id) DO UPDATE SET number = excluded.number WHERE state_work.number > excluded.number`,
    [
      events.map(({ space }) => space),
      events.map(({ chart }) => chart),
      events.map(({ version }) => version),
      events.map(({ version }) => sortKeyOf(version)),
    ],
  );
}

function sortKeyOf(text: string): string {
  const version = parseVersion(text);
  return version ? sortKey(version) : '';
}
