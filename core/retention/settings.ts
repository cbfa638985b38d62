import { recordAudit } from '../audit/record.ts';
import type { Queryable } from '../db/port.ts';
import { explainMissing } from '../registry/not-found.ts';
import { type RetentionDeps, requireSpace } from './require-space.ts';
import { defaultMostDeleted, type RetentionRule, type RetentionSettings } from './rules.ts';

/** Retention of a space as it is now. */
export interface CurrentRetention extends RetentionSettings {
  /** Null where nobody has set it. */
  changedAt: Date | null;
  /** When the schedule opens the next run; null where it opens none. */
  nextRunAt: Date | null;
}

/** Row of a space's retention. */
export interface RetentionRow {
  rules: RetentionRule[];
  mostDeleted: number;
  changedAt: Date;
  nextRunAt: Date | null;
}

const columns = 'rules, most_deleted AS "mostDeleted", changed_at AS "changedAt", next_run_at AS "nextRunAt"';
const retentionRight = 'retention.manage';

/** Finds the retention of a space by its id. */
export async function findRetention(db: Queryable, spaceId: number): Promise<RetentionRow | undefined> {
  const [row] = await db.query<RetentionRow>(`SELECT ${columns} FROM retention WHERE space_id = $1`, [
    spaceId,
  ]);
  return row;
}

/** Retention of a space in which nobody has set it: there are no rules, so everything stays. */
const unsetRetention = {
  rules: [],
  mostDeleted: defaultMostDeleted,
  scheduled: false,
  changedAt: null,
  nextRunAt: null,
};

/** Reads the retention of a space. @throws {RegistryError} `space.notFound`, those of a missing right */
export async function readRetention(deps: RetentionDeps, name: string): Promise<CurrentRetention> {
  const space = await requireSpace(deps, name, 'chart.read');
  const row = await findRetention(deps.db, space.id);
  return row ? toCurrent(row) : unsetRetention;
}

/**
 * Sets the retention of a space. An open run of other rules ends before its next batch. The schedule opens the first
 * run an interval from now, so that there is time to see the preview.
 * @throws {RegistryError} `space.notFound`, those of a missing right
 */
export async function setRetention(
  deps: RetentionDeps,
  name: string,
  { rules, mostDeleted, scheduled }: RetentionSettings,
): Promise<CurrentRetention> {
  const space = await requireSpace(deps, name, retentionRight);
  const seconds = scheduled && deps.intervalSeconds > 0 ? deps.intervalSeconds : null;
  return deps.db.transaction(async (tx) => {
    await deps.actor.confirm(tx, retentionRight, { space: name, spaceId: space.id });
    const [row] = await tx.query<RetentionRow>(
      `INSERT INTO retention (space_id, rules, most_deleted, next_run_at)
       SELECT id, $2, $3, clock_timestamp() + make_interval(secs => $4) FROM spaces WHERE id = $1 FOR KEY SHARE
       ON CONFLICT (space_id) DO UPDATE
         SET rules = excluded.rules, most_deleted = excluded.most_deleted, changed_at = clock_timestamp(),
             next_run_at = excluded.next_run_at
       RETURNING ${columns}`,
      [space.id, JSON.stringify(rules), mostDeleted, seconds],
    );
    if (!row) throw await explainMissing(tx, { space: name }, await deps.actor.scope());
    await recordAudit(tx, deps.actor, {
      action: 'retention.set',
      right: retentionRight,
      space: name,
      details: { rules: rules.length, mostDeleted, scheduled },
    });
    return toCurrent(row);
  });
}

/** Deletes the retention of a space: its rules go, and everything stays. @throws {RegistryError} as `setRetention` */
export async function deleteRetentionRules(deps: RetentionDeps, name: string): Promise<void> {
  const space = await requireSpace(deps, name, retentionRight);
  await deps.db.transaction(async (tx) => {
    await deps.actor.confirm(tx, retentionRight, { space: name, spaceId: space.id });
    const ended = await tx.query('DELETE FROM retention WHERE space_id = $1 RETURNING space_id', [space.id]);
    if (ended.length > 0)
      await recordAudit(tx, deps.actor, { action: 'retention.end', right: retentionRight, space: name });
  });
}

function toCurrent({ nextRunAt, ...row }: RetentionRow): CurrentRetention {
  return { ...row, scheduled: nextRunAt !== null, nextRunAt };
}
