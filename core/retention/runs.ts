import { authorOf } from '../access/author.ts';
import { recordAudit } from '../audit/record.ts';
import type { Database } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { notHeldSql } from '../maintenance/hold.ts';
import type { Page, Paging } from '../registry/registry.ts';
import { isUuid } from '../runtime/is-uuid.ts';
import { type RetentionDeps, requireSpace } from './require-space.ts';
import { type RetentionRun, runColumns, type ShownRetentionRun } from './run-row.ts';

/** Ended runs of a space that are kept. */
const maxKeptRuns = 100;

/** Lists the runs of a space, the newest first. @throws {RegistryError} `space.notFound`, those of a missing right */
export async function listRuns(
  deps: RetentionDeps,
  name: string,
  { start, limit }: Paging,
): Promise<Page<RetentionRun>> {
  const space = await requireSpace(deps, name, 'chart.read');
  const [items, [counted]] = await Promise.all([
    deps.db.query<RetentionRun>(
      `SELECT ${runColumns} FROM retention_runs WHERE space_id = $1 ORDER BY number DESC OFFSET $2 LIMIT $3`,
      [space.id, start, limit],
    ),
    deps.db.query<{ total: number }>('SELECT count(*) AS total FROM retention_runs WHERE space_id = $1', [
      space.id,
    ]),
  ]);
  return { total: counted?.total ?? 0, items };
}

/** Reads a run. @throws {RegistryError} `retentionRun.notFound`, `space.notFound`, those of a missing right */
export async function readRun(deps: RetentionDeps, name: string, id: string): Promise<ShownRetentionRun> {
  const space = await requireSpace(deps, name, 'chart.read');
  const [run] = isUuid(id)
    ? await deps.db.query<ShownRetentionRun>(
        `SELECT ${runColumns}, rules FROM retention_runs WHERE id = $1 AND space_id = $2`,
        [id, space.id],
      )
    : [];
  if (run) return run;
  throw new RegistryError(
    'retentionRun.notFound',
    `Space ${name} has no such run of its retention. List its runs to see their ids.`,
  );
}

/**
 * Opens a run of the rules as they are now. A worker takes it within seconds.
 * @throws {RegistryError} `retention.noRules`, `retention.running`, `space.notFound`, those of a missing right
 */
export async function openRun(deps: RetentionDeps, name: string): Promise<ShownRetentionRun> {
  const right = 'retention.manage';
  const space = await requireSpace(deps, name, right);
  const author = await authorOf(deps.actor);
  return deps.db.transaction(async (tx) => {
    await deps.actor.confirm(tx, right, { space: name, spaceId: space.id });
    const ruled = await tx.query(`SELECT FROM retention WHERE space_id = $1 AND rules <> '[]' FOR SHARE`, [
      space.id,
    ]);
    if (ruled.length === 0) {
      throw new RegistryError(
        'retention.noRules',
        `Space ${name} has no retention rules, so nothing of it goes. Set them: PUT /api/v1/spaces/${name}/retention.`,
      );
    }
    const [run] = await tx.query<ShownRetentionRun>(
      `INSERT INTO retention_runs (space_id, opened_by, principal, rules, most_deleted, rules_at)
       SELECT space_id, 'request', $2, rules, most_deleted, changed_at FROM retention WHERE space_id = $1
       ON CONFLICT DO NOTHING RETURNING ${runColumns}, rules`,
      [space.id, author?.name ?? null],
    );
    if (!run) {
      throw new RegistryError(
        'retention.running',
        `A run of the retention of space ${name} is open already. Wait for its end: GET /api/v1/spaces/${name}/retention/runs.`,
      );
    }
    await recordAudit(tx, deps.actor, {
      action: 'retention.run',
      right,
      space: name,
      details: { run: run.id },
    });
    return run;
  });
}

/** Largest number of spaces whose runs are opened in one transaction. */
const maxRunsPerTransaction = 100;

/**
 * Opens the runs that are due by the schedule. Sets the times of the next ones. A space with an open run gets none.
 * @param intervalSeconds time from one run to the next
 */
export async function openDueRuns(db: Database, intervalSeconds: number): Promise<void> {
  await db.query(
    `WITH due AS MATERIALIZED (
       SELECT space_id FROM retention WHERE next_run_at <= now() AND ${notHeldSql}
        ORDER BY next_run_at LIMIT ${maxRunsPerTransaction} FOR NO KEY UPDATE SKIP LOCKED
     ), moved AS (
       UPDATE retention r SET next_run_at = clock_timestamp() + make_interval(secs => $1)
         FROM due WHERE r.space_id = due.space_id
       RETURNING r.space_id, r.rules, r.most_deleted, r.changed_at
     )
     INSERT INTO retention_runs (space_id, opened_by, rules, most_deleted, rules_at)
     SELECT space_id, 'schedule', rules, most_deleted, changed_at FROM moved WHERE rules <> '[]' ORDER BY space_id
     ON CONFLICT DO NOTHING`,
    [intervalSeconds],
  );
}

/** SQL statement that deletes the oldest ended runs of a space beyond those that are kept. */
export const dropOldRunsSql = `
  DELETE FROM retention_runs WHERE space_id = $1 AND state <> 'running' AND number <=
    (SELECT number FROM retention_runs WHERE space_id = $1 ORDER BY number DESC OFFSET ${maxKeptRuns} LIMIT 1)`;
