import type { Job } from '../jobs/job.ts';
import { timeStages } from '../jobs/stages.ts';
import type { Metrics } from './metrics.ts';

/** Creates the function that counts an ended job and times its stages. */
export function createJobCounter(metrics: Metrics): (job: Job) => void {
  return ({ state, stages, ...times }) => {
    metrics.tally('jobs_ended_total', { state }).value += 1;
    for (const { stage, startedAt, finishedAt } of timeStages(stages ?? [], times)) {
      if (finishedAt === undefined) continue;
      const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
      metrics.distribution('job_duration_seconds', { stage }).observe(seconds);
    }
  };
}
