import { systemCaller } from '../access/principal.ts';
import { toAuditRecord } from '../audit/event.ts';
import { recordAuditRecords } from '../audit/record.ts';
import type { Database } from '../db/port.ts';
import type { RegistryError } from '../errors.ts';
import { announce } from '../webhooks/announce.ts';
import type { ClaimedRetentionRun } from './claim-run.ts';
import { type RetentionRun, type RetentionRunState, runColumns } from './run-row.ts';
import { dropOldRunsSql } from './runs.ts';

/** End of a run. */
export interface RunEnd {
  state: Exclude<RetentionRunState, 'running'>;
  /** Reason why less was deleted than was found. */
  error?: RegistryError;
}

/**
 * Ends a run, with its audit event and the deliveries that webhooks are owed. A run of another worker is left alone.
 * @returns the run as it ended; undefined for a run that is no longer this worker's
 */
export function endRetentionRun(
  { db, guarded }: { db: Database; guarded: boolean },
  { id, fence, space }: ClaimedRetentionRun,
  { state, error }: RunEnd,
): Promise<RetentionRun | undefined> {
  return db.transaction(async (tx) => {
    const [run] = await tx.query<RetentionRun>(
      `UPDATE retention_runs SET state = $3, error = $4, finished_at = clock_timestamp()
        WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING ${runColumns}`,
      [id, fence, state, error ? JSON.stringify(error.toBody()) : null],
    );
    if (!run) return undefined;
    const { examined, due, deleted, bytes } = run;
    const facts = { examined, due, deleted, bytes, ...(error ? { error: error.code } : {}) };
    await tx.query(dropOldRunsSql, [space.id]);
    const data = { space: space.name, run: id, chart: undefined, ...facts };
    await announce(tx, space.id, { type: `retention.${state}`, data });
    if (guarded) {
      const outcome = state === 'succeeded' ? 'done' : 'failed';
      const event = {
        action: 'retention.finish',
        outcome,
        space: space.name,
        details: { run: id, ...facts },
      } as const;
      recordAuditRecords(tx, [toAuditRecord(systemCaller, { door: 'worker' }, event)]);
    }
    return run;
  });
}
