import type { Database } from '../db/port.ts';
import { sqlState, sqlStateOf } from '../db/sql-state.ts';
import { RegistryError } from '../errors.ts';
import {
  type ClaimedRetentionRun,
  claimRetentionRun,
  type RunStanding,
  releaseRetentionRun,
  renewClaim,
} from './claim-run.ts';
import { decideChart } from './decide.ts';
import { type DeletedBatch, type DeletionDeps, type DueVersions, deleteDue } from './delete-versions.ts';
import { endRetentionRun, type RunEnd } from './end-run.ts';
import { type ChartVersions, loadCharts, loadVersions, readCircumstances } from './load-charts.ts';
import { prepareRules, type ReadyRule } from './rules.ts';
import type { RetentionRun } from './run-row.ts';
import type { Circumstances } from './verdict.ts';

/** Dependencies of runs. */
export interface RunDeps extends DeletionDeps {
  db: Database;
}

/** Versions of one transaction. */
const batchSize = 100;

/** Claims of a run without progress, after which it is failed: it may be what kills its workers. */
const maxAttempts = 10;

/**
 * Takes an open run, if there is one, and does what it is to do.
 * @param signal stops before the next batch; another worker goes on then
 * @returns the run as it ended; 'left' for one that was stopped, or lost; undefined where none was open
 * @throws when the database cannot be reached; the run goes on once its lease has ended
 */
export async function runRetention(
  deps: RunDeps,
  signal: AbortSignal,
): Promise<RetentionRun | 'left' | undefined> {
  const run = await claimRetentionRun(deps.db);
  if (!run) return undefined;
  const end = await carryOutRun(deps, run, signal);
  if (end !== 'left') return (await endRetentionRun(deps, run, end)) ?? 'left';
  await releaseRetentionRun(deps.db, run);
  return 'left';
}

async function carryOutRun(
  deps: RunDeps,
  run: ClaimedRetentionRun,
  signal: AbortSignal,
): Promise<RunEnd | 'left'> {
  if (run.attempts > maxAttempts) {
    const message = `The run made no progress in ${maxAttempts} attempts. The log of the workers says why.`;
    return { state: 'failed', error: new RegistryError('internal', message) };
  }
  const rules = prepareRules(run.rules);
  const circumstances = await readCircumstances(deps.db, run.space.id, run.startedAt);
  const found = await findDueCharts(deps, run, rules, circumstances, signal);
  if (!Array.isArray(found)) return toRunEnd(found);
  const due = run.deleted + found.reduce((sum, { count }) => sum + count, 0);
  if (due > run.mostDeleted) return haltedEnd(run, due);
  try {
    return await deleteFromDueCharts(deps, run, { rules, circumstances, charts: found }, signal);
  } catch (error) {
    if (error instanceof RegistryError) return { state: 'halted', error };
    throw error;
  }
}

interface DueChart {
  id: number;
  name: string;
  /** Versions that are to go. */
  count: number;
}

/** Looks at all versions of a space. @returns the charts with versions that are to go, or why it stopped before the end */
async function findDueCharts(
  { db }: RunDeps,
  run: ClaimedRetentionRun,
  rules: readonly ReadyRule[],
  circumstances: Circumstances,
  signal: AbortSignal,
): Promise<DueChart[] | Exclude<RunStanding, 'ours'> | 'stopped'> {
  const found: DueChart[] = [];
  let [examined, due] = [0, run.deleted];
  for (let from: string | undefined = ''; from !== undefined; ) {
    if (signal.aborted) return 'stopped';
    const page: { charts: ChartVersions[]; last?: string } = await loadCharts(db, run.space, from, {
      after: from !== '',
    });
    for (const chart of page.charts) {
      const count = chooseDue(rules, chart, circumstances).length;
      examined += chart.versions.length;
      due += count;
      if (count > 0) found.push({ id: chart.id, name: chart.name, count });
    }
    const standing = await renewClaim(db, run, { examined: examined + run.deleted, due });
    if (standing !== 'ours') return standing;
    from = page.last;
  }
  return found;
}

function chooseDue(
  rules: readonly ReadyRule[],
  { name, versions }: ChartVersions,
  circumstances: Circumstances,
) {
  const verdicts = decideChart(rules, name, versions, circumstances);
  return versions.filter((_, index) => verdicts[index]?.action === 'delete');
}

interface DueDeletions {
  rules: readonly ReadyRule[];
  circumstances: Circumstances;
  charts: readonly DueChart[];
}

async function deleteFromDueCharts(
  deps: RunDeps,
  run: ClaimedRetentionRun,
  { rules, circumstances, charts }: DueDeletions,
  signal: AbortSignal,
): Promise<RunEnd | 'left'> {
  let { deleted } = run;
  for (const chart of charts) {
    const [loaded] = await loadVersions(deps.db, run.space, [chart]);
    const due = loaded ? chooseDue(rules, loaded, circumstances) : [];
    for (let start = 0; start < due.length; start += batchSize) {
      if (signal.aborted) return 'left';
      // Uploads of this moment may have put more versions out of their places than the run may delete.
      const room = run.mostDeleted - deleted;
      if (room === 0) return haltedEnd(run, deleted + due.length - start);
      const versions = due.slice(start, start + Math.min(batchSize, room));
      const batch = await deleteUnlessLocked(deps, run, rules, { chart, versions });
      if (batch.standing !== 'ours') return toRunEnd(batch.standing);
      deleted += batch.deleted;
      start -= batchSize - versions.length;
    }
  }
  return { state: 'succeeded' };
}

/** Deletes a batch; one with a row that another writer keeps locked is left to the next run. */
async function deleteUnlessLocked(
  deps: RunDeps,
  run: ClaimedRetentionRun,
  rules: readonly ReadyRule[],
  due: DueVersions,
): Promise<DeletedBatch> {
  return deleteDue(deps, run, rules, due).catch((error: unknown) => {
    if (sqlStateOf(error) === sqlState.lockNotAvailable) return { standing: 'ours', deleted: 0 };
    throw error;
  });
}

function toRunEnd(standing: Exclude<RunStanding, 'ours'> | 'stopped'): RunEnd | 'left' {
  if (standing !== 'changed') return 'left';
  const message =
    'Somebody has changed the rules of the space during the run. What was deleted before stays deleted.';
  return { state: 'halted', error: new RegistryError('retention.halted', message) };
}

function haltedEnd({ mostDeleted, deleted, space }: ClaimedRetentionRun, due: number): RunEnd {
  const gone = deleted === 0 ? 'Nothing was deleted.' : `${deleted} were deleted before.`;
  const message = `The rules would delete ${due} versions, and a run may delete ${mostDeleted}. ${gone} Look at GET /api/v1/spaces/${space.name}/retention/preview?action=delete, then raise mostDeleted or change the rules.`;
  return { state: 'halted', error: new RegistryError('retention.halted', message, { due, mostDeleted }) };
}
