import { recordAuditRecords } from '../audit/record.ts';
import { insertReservations } from '../locks/reservations.ts';
import { checkQuotas } from '../quotas/check-room.ts';
import { requireRoomForJobs } from './capacity.ts';
import { insertQueuedJobs } from './insert-job.ts';
import type { Job } from './job.ts';
import { queuedAuditRecord } from './job-audit.ts';
import { createNewJobWriter, type JobToWrite, type JobWriter, type WriterDeps } from './job-writer.ts';

/**
 * Creates the writer of queued jobs, which reserves their targets.
 * The writer throws `queue.full` and `quota.exceeded` too.
 * @param queueLimit largest number of queued and running jobs
 */
export function createQueuedJobWriter(deps: WriterDeps, queueLimit: number): JobWriter<JobToWrite, Job> {
  return createNewJobWriter(deps, async (tx, ready) => {
    // Jobs beyond the limit are not written here but alone, and then refused.
    const fitting = ready.slice(0, await requireRoomForJobs(tx, queueLimit, ready.length));
    await checkQuotas(
      tx,
      fitting.flatMap(({ spaceId, replaces }) => (replaces === undefined ? [spaceId] : [])),
    );
    const jobs = fitting.map(({ item, ...target }) => ({ ...item.job, ...target }));
    const inserted = await insertQueuedJobs(tx, jobs);
    const reserved = jobs.filter(({ id }) => inserted.has(id));
    await insertReservations(
      tx,
      reserved.map(({ id, plan: { space, chart, version } }) => ({
        holder: id,
        target: [space, chart, version],
      })),
    );
    recordAuditRecords(tx, reserved.map(queuedAuditRecord));
    return ready.map(({ item }) => inserted.get(item.job.id));
  });
}
