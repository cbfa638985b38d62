import { RegistryError } from '../errors.ts';
import { endJob, enqueueDeliveries } from './finish.ts';
import type { Job } from './job.ts';
import type { Jobs } from './jobs.ts';
import { readJob } from './read.ts';

/**
 * Cancels a job that is not final. A worker that has it finds at its next step that it is not its own any more, and
 * writes nothing.
 * @throws {RegistryError} `job.notFound`, `job.final`
 */
export async function cancelJob(jobs: Jobs, id: string): Promise<Job> {
  const { id: known } = await readJob(jobs.db, id);
  const ended = await jobs.db.transaction((tx) => endJob(tx, known, 'cancelled', {}));
  if (!ended) {
    const job = await readJob(jobs.db, known);
    throw new RegistryError(
      'job.final',
      `Job ${id} is ${job.state}; only a job that is not over can be cancelled.`,
    );
  }
  await enqueueDeliveries(jobs, ended.owed);
  try {
    await jobs.queue.remove('orchestrations', known);
  } catch (error) {
    // It stays in the queue and finds nothing to do when its turn comes.
    jobs.onQueueError(error, [known]);
  }
  return ended.job;
}
