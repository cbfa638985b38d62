import type { Actor } from '../access/actor.ts';
import { recordAudit } from '../audit/record.ts';
import type { Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { RegistryDeps, VersionRef } from '../registry/registry.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import { deleteVersionRow } from '../registry/version-rows.ts';
import type { ClaimedFollowRun } from './claimed-run.ts';
import { createFollowActor } from './follow-actor.ts';
import type { FollowDeps } from './follow-deps.ts';
import { newestVersionSql } from './newest-composed.ts';

/** Largest number of versions that are deleted after one run. */
const maxDeleted = 100;

/**
 * Deletes versions that a follow has made, beyond the newest ones that it keeps. It needs the right of the principal
 * that has set the follow. A version that somebody has replaced, the newest of the chart, and those that others were
 * composed from stay, and hide no other one. Why nothing could be deleted is recorded with the run.
 */
export async function deleteOldVersions(
  deps: FollowDeps,
  run: ClaimedFollowRun & { space: string; chart: string },
  keep: number,
): Promise<void> {
  const { db } = deps.jobs;
  const { space, chart } = run;
  const old = await db.query<{ version: string }>(
    `SELECT old.version
       FROM (SELECT DISTINCT v.version, v.sort_key
               FROM follows f JOIN follow_runs r ON r.follow_id = f.id AND r.state = 'composed'
                    JOIN versions v ON v.chart_id = f.chart_id AND v.version = r.version AND v.digest = r.digest
              WHERE f.id = $1 ORDER BY v.sort_key DESC, v.version DESC OFFSET $2) old
      WHERE NOT EXISTS (SELECT FROM lineage_sources l WHERE l.space = $3 AND l.chart = $4 AND l.version = old.version)
      ORDER BY old.sort_key DESC, old.version DESC LIMIT ${maxDeleted}`,
    [run.followId, keep, space, chart],
  );
  if (old.length === 0) return;
  let deleted = 0;
  let failure: RegistryError | undefined;
  try {
    const registry = { ...deps.registry, actor: await createFollowActor(deps.access, db, run) };
    for (const { version } of old) if (await deleteUnused(registry, { space, chart, version })) deleted += 1;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    failure = error;
  }
  await db.query('UPDATE follow_runs SET deleted = deleted + $2, keep_error = $3 WHERE id = $1', [
    run.id,
    deleted,
    failure ? JSON.stringify(failure.toBody()) : null,
  ]);
}

/** Deletes a version under its lock, if it is of no use to others. @returns whether it was deleted */
function deleteUnused(registry: RegistryDeps & { actor: Actor }, ref: VersionRef): Promise<boolean> {
  return registry.locks.write([ref.space, ref.chart, ref.version], async (tx) => {
    await registry.actor.confirm(tx, 'chart.delete', ref);
    if (await isUsed(tx, ref)) return false;
    const before = await deleteVersionRow(tx, ref);
    if (before === undefined) return false;
    await recordAudit(tx, registry.actor, {
      action: 'version.delete',
      right: 'chart.delete',
      ...ref,
      digests: { before },
      details: { by: 'follow' },
    });
    return true;
  });
}

/** Whether a version is the newest, or a source of a version or of an unfinished job. */
async function isUsed(tx: Transaction, { space, chart, version }: VersionRef): Promise<boolean> {
  const rows = await tx.query(
    `SELECT FROM versions v
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')}
        AND (v.id = ${newestVersionSql('v.chart_id')}
             OR EXISTS (SELECT FROM lineage_sources l WHERE l.space = $1 AND l.chart = $2 AND l.version = $3)
             OR EXISTS (SELECT FROM job_sources js JOIN jobs j ON j.id = js.job_id AND j.state IN ('queued', 'running')
                         WHERE js.digest = v.digest AND js.space = $1 AND js.chart = $2 AND js.version = $3))`,
    [space, chart, version],
  );
  return rows.length > 0;
}
