import type { Transaction } from '../db/port.ts';
import type { SealedCallback } from '../webhooks/callback-secrets.ts';
import { createCallbackDelivery } from '../webhooks/deliveries.ts';
import type { Job } from './job.ts';
import { type JobLinks, viewJob } from './view.ts';

/**
 * Creates the delivery that an ended job owes to its callback. Call in the transaction that ends the job.
 * @returns its id, to be enqueued after the commit; none without a callback
 */
export async function createJobDeliveries(
  tx: Transaction,
  links: JobLinks,
  job: Job,
  callback: SealedCallback | undefined,
): Promise<string[]> {
  if (!callback) return [];
  const payload = JSON.stringify({
    type: `job.${job.state}`,
    timestamp: job.finishedAt?.toISOString(),
    data: viewJob(job, links),
  });
  return [await createCallbackDelivery(tx, { jobId: job.id, ...callback, payload })];
}
