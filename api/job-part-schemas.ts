import { z } from '@hono/zod-openapi';
import { jobStages } from '../core/jobs/stages.ts';

// Schemas of parts of jobs, and of what is told about many of them.

/** Stage that a job has entered, with its times. */
export const jobStage = z
  .object({
    stage: z.enum(jobStages).exclude(['done']),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().optional().openapi({ description: 'Absent for the stage it is in.' }),
  })
  .openapi('JobStage');

const stateCount = z.object({
  count: z.int().openapi({ description: 'At most 10,000.' }),
  more: z.boolean().openapi({ description: 'Whether there are more than that.' }),
});
/** Numbers of jobs by state. */
export const jobCounts = z
  .object({
    queued: stateCount,
    running: stateCount,
    succeeded: stateCount,
    failed: stateCount,
    cancelled: stateCount,
  })
  .openapi('JobCounts');

/** Recipe as it was sent, without its callback. */
export const sentRecipe = z.looseObject({}).openapi('SentRecipe');
