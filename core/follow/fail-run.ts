import { randomUUID } from 'node:crypto';
import { recordAll } from '../audit/record.ts';
import type { Transaction } from '../db/port.ts';
import type { ErrorBody, RegistryError } from '../errors.ts';
import { announceEnds } from '../jobs/announce-ends.ts';
import type { ClaimedJob } from '../jobs/claim.ts';
import { type Job, type JobRow, jobColumns, toJob } from '../jobs/job.ts';
import { auditFailure } from '../jobs/job-audit.ts';
import { createJobDeliveries } from '../jobs/job-delivery.ts';
import type { JobDeps } from '../jobs/jobs.ts';
import { findNextVersion } from '../jobs/next-target.ts';
import { tryEnqueue } from '../jobs/try-queue.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import { sealCallback } from '../webhooks/callback-secrets.ts';
import type { ClaimedRun } from './claim-runs.ts';
import { type Base, type CurrentSource, digestOfSet } from './current-sources.ts';
import { openCallback } from './follow-callback.ts';
import { chooseNext } from './next-version.ts';
import { tellFollow } from './tell-follow.ts';

/** Reason why a run fails before its job is accepted. */
export interface RunFailure {
  base: Base;
  now: readonly CurrentSource[];
  error: RegistryError;
}

/**
 * Fails a run whose recipe was refused: a failed job has the reason, the callback and webhooks are told, and the follow is not tried
 * again until a source or a setting changes.
 */
export async function failRun(jobs: JobDeps, run: ClaimedRun, failure: RunFailure): Promise<void> {
  const { base, now } = failure;
  const error = failure.error.toBody();
  const next = chooseNext(run.settings, base, now);
  const version =
    'version' in next ? next.version : await findNextVersion(jobs.db, base, base.chart, next.next);
  // A call that cannot be signed is not made; the follow tells of it.
  const callback = await openCallback(jobs.sealer, run).catch(() => undefined);
  const deliveries = await jobs.db.transaction(async (tx) => {
    const id = randomUUID();
    const ended = await tx.query(
      `UPDATE follow_runs SET state = 'failed', finished_at = now(), lease_until = NULL, job_id = $2, from_version = $3,
              version = $4, error = $5
        WHERE id = $1 AND state = 'running' AND job_id IS NULL RETURNING id`,
      [run.id, id, base.version, version, JSON.stringify(error)],
    );
    // Another worker has ended it.
    if (ended.length === 0) return [];
    const sealed = callback && sealCallback(jobs.sealer, id, callback);
    const job = await insertFailedJob(tx, run, { id, version, base, now, error, url: sealed?.url });
    await recordFailure(tx, run.followId, error, digestOfSet(now));
    const { space, chart } = base;
    const told = { space, chart, from: base.version, version, job: jobs.links.job(id) };
    await tellFollow(tx, 'follow.failed', { ...told, error: error.code });
    const author = await readAuthor(tx, run);
    recordAll(tx, [auditFailure({ id, author, replaces: null }, job, error)]);
    const over = { job, deliveries: await createJobDeliveries(tx, jobs.links, job, sealed) };
    await announceEnds(tx, jobs, [over]);
    return over.deliveries;
  });
  await tryEnqueue(jobs, 'deliveries', deliveries);
}

/** Records why the last run of a follow has failed, and with which sources. */
export async function recordFailure(
  tx: Transaction,
  followId: string,
  error: ErrorBody,
  set: string,
): Promise<void> {
  await tx.query('UPDATE follows SET failure = $2, failed_set = $3, attempts = 0 WHERE id = $1', [
    followId,
    JSON.stringify(error),
    set,
  ]);
}

/** Inserts a job that has failed before it was planned: its recipe is that of the lineage, and its plan is empty. */
async function insertFailedJob(
  tx: Transaction,
  run: ClaimedRun,
  job: {
    id: string;
    version: string;
    base: Base;
    now: readonly CurrentSource[];
    error: ErrorBody;
    url: string | undefined;
  },
): Promise<Job> {
  const { id, version, base, now, error, url } = job;
  const found = now.filter((source) => source.version !== null);
  const [row] = await tx.query<JobRow>(
    `INSERT INTO jobs (id, state, space, chart, version, recipe, plan, sources, total, stage, error, callback_url,
                       author_id, author, token_id, space_id, finished_at)
     SELECT $1, 'failed', $2, $3, $4, coalesce((SELECT l.recipe FROM lineage l WHERE l.version_id = ${versionIdSql('$2', '$3', '$5')}), '{}'),
            '{}', $6, $7, 'done', $8, $9, $10, $11, $12, $13, now()
     RETURNING ${jobColumns}`,
    [
      ...[id, base.space, base.chart, version, base.version],
      ...[JSON.stringify(found), found.length, JSON.stringify(error), url ?? null],
      ...[run.principalId, run.principal, run.tokenId, base.spaceId],
    ],
  );
  if (!row) throw new Error('a job that was inserted is missing');
  return toJob(row);
}

/** Reads with whose rights a run works, as the audit names it; null where access is open. */
async function readAuthor(tx: Transaction, run: ClaimedRun): Promise<ClaimedJob['author']> {
  const { principalId: id, principal: name, tokenId } = run;
  if (id === null || name === null) return null;
  const [row] = await tx.query<{ kind: 'user' | 'account' }>('SELECT kind FROM principals WHERE id = $1', [
    id,
  ]);
  return { kind: row?.kind ?? 'user', id, name, tokenId };
}
