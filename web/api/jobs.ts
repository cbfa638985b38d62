import type { Job, JobFilter } from '@helm-registry/client';
import type { PageRange } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Most deliveries of a job that a page shows. */
const maxDeliveries = 50;

/** Jobs, newest first. */
export const jobsQuery = createQuery(({ filter, page }: { filter: JobFilter; page: PageRange }, signal) =>
  registry.jobs.list(filter).page({ ...page, signal }),
);

/** Job by its id. */
export const jobQuery = createQuery((id: string, signal): Promise<Job> => registry.jobs.get(id, { signal }));

/** Recipe of a job. */
export const recipeQuery = createQuery((id: string, signal) => registry.jobs.recipe(id, { signal }));

/** Webhook calls of a job. */
export const deliveriesQuery = createQuery((id: string, signal) =>
  registry.jobs.deliveries(id).page({ limit: maxDeliveries, signal }),
);
