import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { job as jobShape } from '../../api/job-schemas.ts';
import { isFinal } from '../../core/jobs/job.ts';
import type { Client } from './client.ts';

/** Interval between two reads, in milliseconds. */
const interval = 400;

/** Reads a job repeatedly until it has ended. */
export async function followJob(client: Client, id: string): Promise<z.output<typeof jobShape>> {
  for (;;) {
    const answer = await client.send({ name: 'job', method: 'GET', path: `/api/v1/jobs/${id}` });
    if (answer.status !== 200) throw new Error(`its job ${id} was answered ${answer.status}`);
    const job = jobShape.parse(JSON.parse(answer.text));
    if (isFinal(job.state)) return job;
    await pause(interval);
  }
}
