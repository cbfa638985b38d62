import type { Transaction } from '../db/port.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import { failOrFreeCycles, refreshSources } from './refresh-sources.ts';

/**
 * Sets the follows that the recipes of jobs ask for. Call in the transaction that adds their versions. Each is due at
 * once: a source may have had a new version since the recipe was resolved. The sealed secret of the callback moves
 * from the job to the follow.
 */
export async function startFollows(tx: Transaction, jobIds: readonly string[]): Promise<void> {
  const started = await tx.query<{ id: string }>(
    `WITH asked AS (
       SELECT DISTINCT ON (space, chart) id, space, chart, follow, author_id, author, token_id, proof, callback_url, follow_secret
         FROM jobs WHERE id = ANY((SELECT $1::uuid[])::uuid[]) AND follow IS NOT NULL ORDER BY space, chart, number DESC
     ), locked AS MATERIALIZED (
       SELECT f.id FROM follows f WHERE f.chart_id IN (SELECT ${chartIdSql('a.space', 'a.chart')} FROM asked a)
        ORDER BY f.id FOR NO KEY UPDATE
     )
     INSERT INTO follows (chart_id, settings, principal_id, principal, token_id, proof, proof_set_at, callback_url, callback_secret,
                          callback_row, due_since, due_at, wave_at, look_at)
     SELECT ${chartIdSql('a.space', 'a.chart')}, a.follow, a.author_id, a.author, a.token_id, a.proof, now(), a.callback_url,
            a.follow_secret, a.id, now(), now(), now(), now()
       FROM asked a, (SELECT count(*) FROM locked) AS waited
      ORDER BY a.space, a.chart
     ON CONFLICT (chart_id) DO UPDATE SET ${overwriteFollowSql}
     RETURNING id`,
    [jobIds],
  );
  if (started.length === 0) return;
  await tx.query(
    'UPDATE jobs SET follow_secret = NULL WHERE id = ANY($1::uuid[]) AND follow_secret IS NOT NULL',
    [jobIds],
  );
  const ids = started.map(({ id }) => id);
  await refreshSources(tx, ids, { spaces: 'accept' });
  await failOrFreeCycles(tx, ids);
}

/**
 * SQL that gives a follow that exists what a new one would have. The follow is tried again, whatever failed before.
 */
export const overwriteFollowSql = `settings = excluded.settings, principal_id = excluded.principal_id,
       principal = excluded.principal, token_id = excluded.token_id, proof = excluded.proof,
       proof_set_at = excluded.proof_set_at, callback_url = excluded.callback_url,
       callback_secret = excluded.callback_secret, callback_row = excluded.callback_row, changed_at = now(),
       due_since = coalesce(follows.due_since, now()), due_at = now(), look_at = now(),
       wave_at = coalesce(follows.wave_at, now()), attempts = 0, failure = NULL, untold_cycle = NULL, failed_set = NULL`;
