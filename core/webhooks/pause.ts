import { systemCaller } from '../access/principal.ts';
import { toAuditRecord } from '../audit/event.ts';
import { recordAuditRecords } from '../audit/record.ts';
import type { Transaction } from '../db/port.ts';
import type { Attempt } from './deliveries.ts';

/** Policy on webhooks whose calls fail. */
export interface PausePolicy {
  /** Days without a call that was received after which a webhook is paused; 0 for never. */
  pauseAfterDays: number;
  /** Whether access is guarded, so that changes are recorded in the audit. */
  guarded: boolean;
}

/** SQL condition for a webhook that has failed for so long that it is paused. */
const isPauseDueSql = '($3 > 0 AND coalesce(failing_since, $2) < now() - make_interval(days => $3))';

/**
 * Records the result of a call for its webhook. Call in the transaction that records the attempt. A webhook that has
 * failed for days is paused: it gets no deliveries until it is resumed.
 */
export async function recordWebhookOutcome(
  tx: Transaction,
  webhookId: string,
  { startedAt, result }: Attempt,
  { pauseAfterDays, guarded }: PausePolicy,
): Promise<void> {
  if (result.ok) {
    await tx.query(
      'UPDATE webhooks SET failing_since = NULL, failures = 0 WHERE id = $1 AND failing_since IS NOT NULL',
      [webhookId],
    );
    return;
  }
  const [paused] = await tx.query<{ space: string; isPaused: boolean; failures: number }>(
    `WITH failed AS (
       UPDATE webhooks SET failures = failures + 1, failing_since = coalesce(failing_since, $2),
              paused_at = CASE WHEN ${isPauseDueSql} THEN now() END,
              pause_reason = CASE WHEN ${isPauseDueSql} THEN 'failing' END
        WHERE id = $1 AND paused_at IS NULL AND space_id IS NOT NULL
       RETURNING space_id, failures, paused_at
     )
     SELECT (SELECT name FROM spaces WHERE id = failed.space_id) AS space, failures, paused_at IS NOT NULL AS "isPaused"
       FROM failed`,
    [webhookId, startedAt, pauseAfterDays],
  );
  if (!paused?.isPaused || !guarded) return;
  const { space, failures } = paused;
  const event = {
    action: 'webhook.pause',
    space,
    details: { webhook: webhookId, reason: 'failing', failures },
  } as const;
  recordAuditRecords(tx, [toAuditRecord(systemCaller, { door: 'worker' }, event)]);
}
