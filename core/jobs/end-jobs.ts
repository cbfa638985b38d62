import type { Transaction } from '../db/port.ts';
import type { ErrorBody } from '../errors.ts';
import { releaseLocksSql } from '../locks/table.ts';
import type { Warning } from '../recipe/warning.ts';
import { type AnnounceEndsDeps, announceEnds, hasWebhooksSql } from './announce-ends.ts';
import type { EndedJob } from './composed.ts';
import { type JobRow, jobColumns, toJob } from './job.ts';
import { createJobDeliveries } from './job-delivery.ts';
import { notifyJobChangeSql } from './job-events.ts';
import type { EnteredStage } from './stages.ts';

/** End of a job. */
export interface Ending {
  id: string;
  state: 'succeeded' | 'failed' | 'cancelled';
  /** The fence with which a worker has the job; a cancellation has none. */
  fence?: number;
  error?: ErrorBody;
  /** All warnings of the job, if composing has found more. */
  warnings?: readonly Warning[] | undefined;
  /** Stages that its worker knows; a cancellation leaves those of the row. */
  stages?: readonly EnteredStage[];
  /** Trace that its deliveries continue; that of its row if omitted. */
  traceparent?: string | null;
}

/**
 * Ends jobs. Jobs get their final states, locks are released, deliveries created, events announced to webhooks, and
 * every process is notified.
 * @returns the ended jobs by id; a job that is over, or has another fence, is left out
 */
export async function endJobs(
  tx: Transaction,
  deps: AnnounceEndsDeps,
  endings: readonly Ending[],
): Promise<ReadonlyMap<string, EndedJob>> {
  const rows = await tx.query<EndedRow>(endSql, [JSON.stringify(endings)]);
  // The delivery has a copy of the sealed secret, which is deleted when the delivery is over; a follow gets another.
  const secrets = rows.filter(({ callbackSecret }) => callbackSecret !== null).map(({ id }) => id);
  if (secrets.length > 0)
    await tx.query(
      `UPDATE jobs SET callback_secret = NULL, follow_secret = CASE WHEN state = 'succeeded' THEN follow_secret END
        WHERE id = ANY($1::uuid[])`,
      [secrets],
    );
  const ended = new Map<string, EndedJob>();
  const announced: EndedJob[] = [];
  for (const { callbackUrl, callbackSecret, hasWebhooks, ...columns } of rows) {
    const job = toJob(columns);
    const callback =
      callbackUrl === null ? undefined : { url: callbackUrl, sealedSecret: callbackSecret ?? undefined };
    const entry = { job, deliveries: await createJobDeliveries(tx, deps.links, job, callback) };
    ended.set(job.id, entry);
    if (hasWebhooks) announced.push(entry);
  }
  await announceEnds(tx, deps, announced);
  return ended;
}

interface EndedRow extends JobRow {
  callbackUrl: string | null;
  callbackSecret: string | null;
  /** Whether the job's space has webhooks. */
  hasWebhooks: boolean;
}

const endSql = `WITH ended AS (
       UPDATE jobs SET state = ending.state, finished_at = now(), requeue_at = NULL, error = ending.error,
              warnings = coalesce(ending.warnings, jobs.warnings), stage = 'done',
              stages = coalesce(ending.stages, jobs.stages),
              traceparent = coalesce(ending.traceparent, jobs.traceparent),
              done = CASE WHEN ending.state = 'succeeded' THEN total ELSE done END
         FROM jsonb_to_recordset($1::jsonb)
              AS ending (id uuid, state job_state, fence bigint, error jsonb, warnings jsonb, stages jsonb,
                         traceparent text)
        WHERE jobs.id = ending.id
          AND CASE WHEN ending.fence IS NULL THEN jobs.state IN ('queued', 'running')
                   ELSE jobs.fence = ending.fence AND jobs.state = 'running' END
        RETURNING jobs.*
     ), ${releaseLocksSql('SELECT id FROM ended')}
     SELECT ${jobColumns}, callback_url AS "callbackUrl", callback_secret AS "callbackSecret",
            ${hasWebhooksSql('ended.space_id')} AS "hasWebhooks", ${notifyJobChangeSql('end')}, (SELECT count(*) FROM released) FROM ended`;
