import type { Actor } from '../access/actor.ts';
import { recordAudit } from '../audit/record.ts';
import type { Transaction } from '../db/port.ts';
import { announce } from '../webhooks/announce.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import type { MirrorRunEnd } from './run-end.ts';

/**
 * Announces the end of a run to webhooks and the audit, in its transaction. A run is announced if somebody asked for
 * it, if a version has another outcome than before, or if it ended otherwise than the previous run. A mirror that runs
 * every five minutes would announce the same all day.
 * @param asked whether somebody asked for the run
 */
export async function announceRunEnd(
  tx: Transaction,
  actor: Actor,
  run: ClaimedMirrorRun,
  { state, counts, error }: MirrorRunEnd,
  asked: boolean,
): Promise<void> {
  if (!asked && !(await isWorthAnnouncing(tx, run))) return;
  const { space, number } = run;
  const failure = error ? { error: error.code } : {};
  const isComplete = state === 'complete';
  const data = { space, run: number, state, counts, ...failure, chart: undefined };
  await announce(tx, run.spaceId, { type: isComplete ? 'mirror.completed' : 'mirror.failed', data });
  const { stored, replaced, changed, failed, skipped, gone, pruned } = counts;
  await recordAudit(tx, actor, {
    ...{ action: 'mirror.finish', outcome: isComplete ? 'done' : 'failed', space },
    details: {
      ...{ run: number, state, ...failure },
      ...{ stored, replaced, changed, failed, skipped, gone, pruned },
    },
  });
}

async function isWorthAnnouncing(
  tx: Transaction,
  { id, number, mirrorId }: ClaimedMirrorRun,
): Promise<boolean> {
  const [found] = await tx.query<{ isNews: boolean }>(
    `SELECT EXISTS (SELECT FROM mirror_versions WHERE mirror_id = $1 AND run = $2 AND outcome <> 'failed')
            OR (r.state, r.error ->> 'code') IS DISTINCT FROM (b.state, b.error ->> 'code') AS "isNews"
       FROM mirror_runs r LEFT JOIN LATERAL (
              SELECT state, error FROM mirror_runs
               WHERE mirror_id = $1 AND number < $2 AND state IN ('complete', 'incomplete', 'failed')
               ORDER BY number DESC LIMIT 1) AS b ON true
      WHERE r.id = $3`,
    [mirrorId, number, id],
  );
  return found?.isNews ?? true;
}
