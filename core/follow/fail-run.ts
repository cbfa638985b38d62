import { randomUUID } from 'node:crypto';
import { recordAuditRecords } from '../audit/record.ts';
import type { Transaction } from '../db/port.ts';
import type { ErrorBody, RegistryError } from '../errors.ts';
import { announceEnds } from '../jobs/announce-ends.ts';
import type { ClaimedJob } from '../jobs/claim.ts';
import { type Job, type JobRow, jobColumns, toJob } from '../jobs/job.ts';
import { failureAuditRecord } from '../jobs/job-audit.ts';
import { createJobDeliveries } from '../jobs/job-delivery.ts';
import { notifyJobChangeSql } from '../jobs/job-events.ts';
import { findNextVersion } from '../jobs/next-target.ts';
import { tryEnqueue } from '../jobs/try-queue.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import { sealCallback } from '../webhooks/callback-secrets.ts';
import { announceFollow } from './announce-follow.ts';
import type { ClaimedFollowRun } from './claimed-run.ts';
import { type CurrentSource, digestOfSources, type FollowBase } from './current-sources.ts';
import type { DescribedCycle } from './describe-cycle.ts';
import { mayAuthorKnowSources } from './follow-actor.ts';
import { openCallback } from './follow-callback.ts';
import type { FollowDeps } from './follow-deps.ts';
import { chooseNextStep } from './next-version.ts';
import { purgeRuns } from './purge-runs.ts';
import { recordFailure, recordReportedCycle } from './record-failure.ts';
import { isAuthorRefusal } from './stopped.ts';

/** Reason why a run fails before its job is accepted. */
export interface RunFailure {
  base: FollowBase;
  now: readonly CurrentSource[];
  /** Error of the job, for all who may know the sources. */
  error: RegistryError;
  /** Cycle by which the follow has failed: its run, its failure and the callback have the chain. */
  cycle?: DescribedCycle;
}

/**
 * Fails a run whose recipe was refused. A failed job has the reason, and the callback and webhooks are called. No text
 * of it names versions that came since the last composition. An author who may not know the sources is not called, and
 * reads this job like any other reader.
 */
export async function failRun(deps: FollowDeps, run: ClaimedFollowRun, failure: RunFailure): Promise<void> {
  const { jobs } = deps;
  const { base, now, cycle } = failure;
  const error = failure.error.toBody();
  const reported = cycle ? cycle.error.toBody() : error;
  const version = await findNextVersion(jobs.db, base, base.chart, chooseNextStep(run.settings, base));
  const isKnown =
    !isAuthorRefusal(failure.error) && (await mayAuthorKnowSources(deps, run, base.sources ?? []));
  // A call that cannot be signed is not made; the follow shows the error.
  const callback = isKnown ? await openCallback(jobs.sealer, run).catch(() => undefined) : undefined;
  const failed = await jobs.db.transaction(async (tx) => {
    const id = randomUUID();
    const ended = await tx.query(
      `UPDATE follow_runs SET state = 'failed', finished_at = now(), lease_until = NULL, job_id = $2, from_version = $3,
              version = $4, error = $5, named = $6
        WHERE id = $1 AND state = 'running' AND job_id IS NULL RETURNING id`,
      [
        ...[run.id, id, base.version, version, JSON.stringify(reported)],
        cycle ? JSON.stringify(distinctCharts([...cycle.named, ...(base.sources ?? [])])) : null,
      ],
    );
    // Another worker has ended it.
    if (ended.length === 0) return undefined;
    if (cycle && !(await recordReportedCycle(tx, run.id, reported))) {
      await tx.query('DELETE FROM follow_runs WHERE id = $1', [run.id]);
      return undefined;
    }
    const sealed = callback && (await sealCallback({ db: tx, sealer: jobs.sealer }, id, callback));
    const authorId = isKnown ? run.principalId : null;
    const job = await insertFailedJob(tx, run, { id, version, base, error, authorId, url: sealed?.url });
    if (!cycle) await recordFailure(tx, run.id, error, digestOfSources(now));
    const { space, chart } = base;
    const event = { space, chart, from: base.version, version, job: jobs.links.job(id) };
    await announceFollow(tx, 'follow.failed', { ...event, error: error.code });
    const author = await readAuthor(tx, run);
    recordAuditRecords(tx, [failureAuditRecord({ id, author, replaces: null }, job, error)]);
    const over = {
      job,
      deliveries: await createJobDeliveries(tx, jobs.links, { ...job, error: reported }, sealed),
    };
    await announceEnds(tx, jobs, [over]);
    return over;
  });
  if (failed) {
    jobs.countEnd(failed.job);
    await tryEnqueue(jobs, 'deliveries', failed.deliveries);
  }
  await purgeRuns(jobs.db, run.followId);
}

/**
 * Inserts a job that has failed before it was planned: its recipe is that of the lineage, and its plan is empty.
 * Its sources are those of the lineage, also those that are gone, since its error may name them.
 */
async function insertFailedJob(
  tx: Transaction,
  run: ClaimedFollowRun,
  job: {
    id: string;
    version: string;
    base: FollowBase;
    error: ErrorBody;
    authorId: string | null;
    url: string | undefined;
  },
): Promise<Job> {
  const { id, version, base, error, authorId, url } = job;
  const sources = base.sources ?? [];
  const [row] = await tx.query<JobRow>(
    `INSERT INTO jobs (id, state, space, chart, version, recipe, recipe_text, plan, sources, total, stage, error, callback_url,
                       author_id, author, token_id, space_id, finished_at)
     SELECT $1, 'failed', $2, $3, $4, coalesce(l.recipe, '{}'), l.recipe_text,
            '{}', $6, $7, 'done', $8, $9, $10, $11, $12, $13, now()
       FROM (SELECT ${versionIdSql('$2', '$3', '$5')} AS id) AS base LEFT JOIN lineage l ON l.version_id = base.id
     RETURNING ${jobColumns}, ${notifyJobChangeSql('end')}`,
    [
      ...[id, base.space, base.chart, version, base.version],
      ...[JSON.stringify(sources), sources.length, JSON.stringify(error), url ?? null],
      ...[authorId, run.principal, run.tokenId, base.spaceId],
    ],
  );
  if (!row) throw new Error('a job that was inserted is missing');
  return toJob(row);
}

/** Names of charts alone, each of them once. */
function distinctCharts(charts: readonly NamedChart[]): NamedChart[] {
  return [...new Map(charts.map(({ space, chart }) => [`${space}/${chart}`, { space, chart }])).values()];
}

/** Reads with whose rights a run works, as the audit names it; null where access is open. */
async function readAuthor(tx: Transaction, run: ClaimedFollowRun): Promise<ClaimedJob['author']> {
  const { principalId: id, principal: name, tokenId } = run;
  if (id === null || name === null) return null;
  const [row] = await tx.query<{ kind: 'user' | 'account' }>('SELECT kind FROM principals WHERE id = $1', [
    id,
  ]);
  return { kind: row?.kind ?? 'user', id, name, tokenId };
}
