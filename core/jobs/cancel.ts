import { RegistryError } from '../errors.ts';
import { endJob } from './complete.ts';
import type { Job } from './job.ts';
import type { Jobs } from './jobs.ts';
import { readJob } from './read.ts';
import { tryEnqueue, tryRemove } from './try-queue.ts';

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
  jobs.watch.tell(ended.job);
  // Whoever has it waiting in this process asks the table then, and finds nothing to do.
  jobs.fresh.take(known);
  await tryEnqueue(jobs, 'deliveries', ended.owed);
  await tryRemove(jobs, known);
  return ended.job;
}
