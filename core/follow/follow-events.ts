import type { Transaction } from '../db/port.ts';
import type { EventConsumer, VersionEvent } from '../events/version-event.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import { lockFollows } from './lock-follows.ts';
import { makeAffectedFollowsDue } from './make-affected-follows-due.ts';
import { newestVersionSql } from './newest-composed.ts';
import { failOrFreeCycles, refreshSources } from './refresh-sources.ts';
import { isStoppedSql } from './stopped.ts';

/** Version of a followed chart that has changed. */
interface FollowedChartChange {
  followId: string;
  /** Index of the event, from 1 on. */
  place: number;
  /** Beginning of what led to the run that made the version; null for a version that somebody else made. */
  waveAt: Date | null;
}

/**
 * Acts on changes of versions for follows. Those of sources make followed charts due, and those of a followed chart
 * itself are read for the sources of its newest version.
 */
export const consumeFollowEvents: EventConsumer = async (tx, events) => {
  const own = await selectFollowedChartChanges(tx, events);
  const ids = [...new Set(own.map(({ followId }) => followId))].sort();
  await lockFollows(tx, ids, events);
  const changed = await refreshSources(tx, ids, { waveAt: findEarliestWave(events, own) });
  await makeFollowsOfChangedDue(tx, events, own);
  const waves = new Map(own.map(({ place, waveAt }) => [place, waveAt]));
  await makeAffectedFollowsDue(
    tx,
    events.map(({ kind, space, chart, version, at }, index) => ({
      ...{ kind, space, chart, version },
      waveAt: waves.get(index + 1) ?? at,
    })),
  );
  await failOrFreeCycles(tx, changed);
};

/** Finds the beginning of the oldest of what led to changes of followed charts. */
function findEarliestWave(
  events: readonly VersionEvent[],
  own: readonly FollowedChartChange[],
): Date | undefined {
  const times = own.flatMap(({ place, waveAt }) => waveAt ?? events[place - 1]?.at ?? []);
  return times.reduce<Date | undefined>((first, at) => (first && first < at ? first : at), undefined);
}

/** Finds the events of followed charts, and the run that has made each version, though its job may not be recorded yet. */
function selectFollowedChartChanges(
  tx: Transaction,
  events: readonly VersionEvent[],
): Promise<FollowedChartChange[]> {
  return tx.query<FollowedChartChange>(
    `SELECT f.id AS "followId", n.place::int AS place,
            (SELECT r.wave_at FROM follow_runs r
              WHERE r.follow_id = f.id AND n.digest IS NOT NULL
                AND (r.version = n.version AND r.state = 'composed'
                     OR r.state = 'running' AND EXISTS (
                       SELECT FROM idempotency_keys k JOIN jobs j ON j.id = k.job_id
                        WHERE k.space = n.space AND k.author IN (coalesce(r.principal_id::text, ''), '') AND k.key = r.id::text
                          AND j.version = n.version))
              ORDER BY r.number DESC LIMIT 1) AS "waveAt"
       FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::text[]))
            WITH ORDINALITY AS n (space, chart, version, digest, place)
            JOIN follows f ON f.chart_id = ${chartIdSql('n.space', 'n.chart')}
      ORDER BY n.place`,
    [
      events.map(({ space }) => space),
      events.map(({ chart }) => chart),
      events.map(({ version }) => version),
      events.map(({ digest }) => digest),
    ],
  );
}

/**
 * Makes the follows due whose own charts have changed. A published version may have another recipe with other sources,
 * and a failure may not occur with it. A deletion counts where the deleted version may be the reason of the failure. No
 * times are compared, since a run may have begun between a change and its commit; a run that finds nothing does no harm.
 * A failure stays while the version that its run began with is still the newest.
 */
async function makeFollowsOfChangedDue(
  tx: Transaction,
  events: readonly VersionEvent[],
  own: readonly FollowedChartChange[],
): Promise<void> {
  const changed = own.flatMap(({ followId, place, waveAt }) => {
    const event = events[place - 1];
    return event && waveAt === null ? [{ id: followId, kind: event.kind, version: event.version }] : [];
  });
  if (changed.length === 0) return;
  const newestSql = `(SELECT v.version FROM versions v WHERE v.id = ${newestVersionSql('f.chart_id')})`;
  await tx.query(
    `WITH changed AS MATERIALIZED (
       SELECT DISTINCT * FROM jsonb_to_recordset($1::jsonb) AS c (id uuid, kind text, version text)
     ), again AS MATERIALIZED (
       SELECT DISTINCT f.id
         FROM changed c JOIN follows f ON f.id = c.id
              LEFT JOIN LATERAL (
                SELECT r.state, r.from_version FROM follow_runs r WHERE r.follow_id = f.id ORDER BY r.number DESC LIMIT 1
              ) last ON true
        WHERE NOT ${isStoppedSql('f.failure')}
          AND CASE WHEN f.failure IS NULL THEN c.kind <> 'deleted'
                   WHEN last.state = 'failed' AND last.from_version = ${newestSql}
                     THEN c.kind <> 'published' AND c.version = last.from_version
                   ELSE true END
     )
     UPDATE follows f SET failure = NULL, failed_set = NULL, attempts = 0,
            due_since = coalesce(due_since, now()), due_at = coalesce(due_at, now()), look_at = now(),
            wave_at = coalesce(wave_at, now())
       FROM again WHERE f.id = again.id`,
    [JSON.stringify(changed)],
  );
}
