import { systemCaller } from '../access/principal.ts';
import { toAuditRecord } from '../audit/event.ts';
import { recordAuditRecords } from '../audit/record.ts';
import type { Transaction } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import { lockAgainstHold } from '../maintenance/hold.ts';
import { bumpRevisionForDeleted } from '../registry/revision.ts';
import { type ClaimedRetentionRun, type RunStanding, renewClaim } from './claim-run.ts';
import { decideChart } from './decide.ts';
import { loadVersions, readCircumstances, type StoredFacts } from './load-charts.ts';
import type { ReadyRule } from './rules.ts';

/** Dependencies of the deletion of versions by a run. */
export interface DeletionDeps {
  locks: Locks;
  /** Whether access is guarded, so that there is an audit. */
  guarded: boolean;
}

/** Versions of a chart that a run has found to go. */
export interface DueVersions {
  chart: { id: number; name: string };
  versions: readonly StoredFacts[];
}

/** Outcome of a batch. */
export interface DeletedBatch {
  standing: RunStanding;
  deleted: number;
}

/**
 * Deletes versions of one chart in one transaction, if they are still to go. The locks on their names keep other
 * writers away, the lock on the chart's row its uploads and deletions, and the exclusive locks on their digests recipes
 * that would use them. Under these locks the chart is decided about once more, so that no version is deleted that must
 * stay now. Versions that others are writing, or reserve, are left to the next run.
 * @throws {RegistryError} `version.immutable` in a space that is immutable meanwhile
 * @throws 55P03 of PostgreSQL when a row stays locked by another writer
 */
export function deleteDue(
  { locks, guarded }: DeletionDeps,
  run: ClaimedRetentionRun,
  rules: readonly ReadyRule[],
  { chart, versions }: DueVersions,
): Promise<DeletedBatch> {
  const { space } = run;
  return locks.withFreeLocks(
    versions.map(({ version }) => [space.name, chart.name, version]),
    async () => undefined,
    async (tx, isFree) => {
      await lockAgainstHold(tx);
      const standing = await renewClaim(tx, run);
      if (standing !== 'ours') return { standing, deleted: 0 };
      const free = new Set(versions.filter((_, index) => isFree[index]).map(({ version }) => version));
      const due = await findDue(tx, run, rules, chart, { free, wanted: versions });
      if (due.length > 0) await deleteRows(tx, run, chart, due);
      if (guarded)
        recordAuditRecords(
          tx,
          due.map((version) => toDeletionRecord(run, chart.name, version)),
        );
      return { standing, deleted: due.length };
    },
  );
}

type DueVersion = StoredFacts & { rule: number | null };

/** Finds the versions that are to go, under all locks. */
async function findDue(
  tx: Transaction,
  { space, startedAt }: ClaimedRetentionRun,
  rules: readonly ReadyRule[],
  chart: DueVersions['chart'],
  { free, wanted }: { free: ReadonlySet<string>; wanted: readonly StoredFacts[] },
): Promise<DueVersion[]> {
  const [locked] = await tx.query<{ name: string }>(
    'SELECT name FROM charts WHERE id = $1 AND space_id = $2 FOR NO KEY UPDATE',
    [chart.id, space.id],
  );
  if (!locked) return [];
  const digests = wanted.filter(({ version }) => free.has(version)).map(({ digest }) => digest);
  const unused = await tx.query<{ digest: string }>(
    `SELECT digest FROM (SELECT DISTINCT digest FROM unnest((SELECT $1::text[])) AS d (digest)) AS wanted
      WHERE pg_try_advisory_xact_lock(hashtextextended('blob ' || digest, 0))`,
    [digests],
  );
  const deletable = new Set(unused.map(({ digest }) => digest));
  const circumstances = await readCircumstances(tx, space.id, startedAt);
  const [loaded] = await loadVersions(tx, space, [chart]);
  const stored = loaded?.versions ?? [];
  const verdicts = decideChart(rules, chart.name, stored, circumstances);
  return stored.flatMap((facts, index) => {
    const verdict = verdicts[index];
    const goes = verdict?.action === 'delete' && free.has(facts.version) && deletable.has(facts.digest);
    return goes ? [{ ...facts, rule: verdict.rule }] : [];
  });
}

async function deleteRows(
  tx: Transaction,
  { id, space }: ClaimedRetentionRun,
  chart: DueVersions['chart'],
  due: readonly DueVersion[],
): Promise<void> {
  const bytes = due.reduce((sum, { size }) => sum + size, 0);
  // First the count of the chart, which triggers of the deletion read.
  await tx.query('UPDATE charts SET version_count = version_count - $2 WHERE id = $1', [
    chart.id,
    due.length,
  ]);
  // The trigger that keeps deleted versions names the run.
  await tx.query("SELECT set_config('helm_registry.retention_run', $1, true)", [id]);
  const gone = await tx.query('DELETE FROM versions WHERE id = ANY($1::bigint[]) RETURNING id', [
    due.map((version) => version.id),
  ]);
  if (gone.length !== due.length) throw new Error('a version was deleted although it was locked');
  await tx.query(
    'UPDATE retention_runs SET deleted = deleted + $2, bytes = bytes + $3, attempts = 1 WHERE id = $1',
    [id, due.length, bytes],
  );
  await bumpRevisionForDeleted(tx, space.id, { space: space.name, chart: chart.name }, due);
}

function toDeletionRecord(
  { id, space }: ClaimedRetentionRun,
  chart: string,
  { version, digest, rule }: DueVersion,
) {
  return toAuditRecord(
    systemCaller,
    { door: 'worker' },
    {
      ...{ action: 'version.delete', space: space.name, chart, version, digests: { before: digest } },
      details: { by: 'retention', run: id, rule },
    },
  );
}
