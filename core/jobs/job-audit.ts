import type { Actor } from '../access/actor.ts';
import { type AuditRecord, createAuditRecord } from '../audit/event.ts';
import type { Digest } from '../blobs/port.ts';
import type { ErrorBody } from '../errors.ts';
import type { FollowSettings } from '../recipe/follow-settings.ts';
import type { ClaimedJob } from './claim.ts';
import type { Job } from './job.ts';
import type { NewJob } from './submission.ts';

/** Target of a job, as its plan or its row has it. */
type Target = Pick<Job, 'space' | 'chart' | 'version'>;

/** Makes the record of a recipe's arrival; undefined in a registry with open access. */
export function recipeAuditRecord(
  actor: Actor,
  { follow, ...target }: Target & { follow?: FollowSettings },
): Promise<AuditRecord | undefined> {
  const details = follow && { follow: true, ...follow };
  return createAuditRecord(actor, {
    action: 'job.submit',
    right: 'chart.publish',
    ...targetOf(target),
    ...(details ? { details } : {}),
  });
}

/** Makes the record of a job that was queued. */
export function queuedAuditRecord({ id, audit, plan }: NewJob): AuditRecord | undefined {
  return audit && { ...audit, ...targetOf(plan), jobId: id };
}

/** Makes the record of a version that was composed inline. The request and its effect are one event. */
export function inlineAuditRecord(
  job: NewJob,
  archive: Digest,
  replaces: Digest | undefined,
): AuditRecord | undefined {
  const queued = queuedAuditRecord(job);
  return (
    queued && { ...queued, ...auditActionAndRight(replaces), digests: auditedDigests(archive, replaces) }
  );
}

/** Makes the record of a version that a worker has composed. The author of the job is the actor of the record. */
export function composedAuditRecord(
  job: ClaimedJob,
  target: Target,
  archive: Digest,
): AuditRecord | undefined {
  const record = endAuditRecord(job, target);
  return record && { ...record, digests: auditedDigests(archive, job.replaces ?? undefined) };
}

/** Makes the record of a job that has failed. */
export function failureAuditRecord(
  job: Pick<ClaimedJob, 'id' | 'author' | 'replaces'>,
  target: Target,
  { code }: ErrorBody,
): AuditRecord | undefined {
  const outcome = code === 'access.denied' ? 'denied' : 'failed';
  const record = endAuditRecord(job, target);
  return record && { ...record, outcome, details: { code } };
}

function endAuditRecord(
  { id, author, replaces }: Pick<ClaimedJob, 'id' | 'author' | 'replaces'>,
  target: Target,
): AuditRecord | undefined {
  if (!author) return undefined;
  return {
    ...auditActionAndRight(replaces ?? undefined),
    outcome: 'done',
    ...targetOf(target),
    jobId: id,
    caller: { ...author, tokenId: author.tokenId ?? undefined },
    request: { door: 'worker' },
  };
}

/** Names what a job does to its target, and the right that it needs. */
function auditActionAndRight(replaces: Digest | undefined) {
  return replaces === undefined
    ? ({ action: 'version.publish', right: 'chart.publish' } as const)
    : ({ action: 'version.replace', right: 'chart.replace' } as const);
}

function auditedDigests(after: Digest, before: Digest | undefined) {
  return before === undefined ? { after } : { before, after };
}

function targetOf({ space, chart, version }: Target): Target {
  return { space, chart, version };
}
