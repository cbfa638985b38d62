import { versionPath } from './lists.ts';
import { createQuery } from './query.ts';
import { type QueryParameters, request, send, withQuery } from './request.ts';
import type { Page } from './shapes.ts';

/** States of a job. */
export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

export type JobState = (typeof jobStates)[number];

/** Source of a composition with the version that it was resolved to. */
export interface JobSource {
  pointer: string;
  space: string;
  chart: string;
  requested: string;
  version: string;
  digest: string;
}

/** Warning of a composition. */
export interface JobWarning {
  code: string;
  pointer: string;
  message: string;
  file?: string;
  line?: number;
}

/** Error with which a job ended. */
export interface JobError {
  message: string;
  code: string;
  details?: Readonly<Record<string, unknown>>;
}

/** Job as the registry shows it. */
export interface Job {
  id: string;
  state: JobState;
  space: string;
  chart: string;
  version: string;
  author?: string;
  progress: { stage: string; done: number; total: number };
  stages?: readonly { stage: string; startedAt: string; finishedAt?: string | null }[];
  replaces?: string;
  sources?: readonly JobSource[];
  warnings: readonly JobWarning[];
  attempts: number;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  result?: { space: string; chart: string; version: string };
  error?: JobError;
}

/** Call of a webhook. */
export interface Delivery {
  id: string;
  url: string;
  state: 'pending' | 'succeeded' | 'failed';
  createdAt: string;
  finishedAt: string | null;
  attempts: readonly {
    number: number;
    startedAt: string;
    durationMs: number;
    status?: number;
    error?: string;
  }[];
}

/** Tells whether a job is over. */
export const isOver = ({ state }: Job) => state !== 'queued' && state !== 'running';

const jobPath = (id: string) => `/jobs/${encodeURIComponent(id)}`;

/** Address of the changes of one job, or of all that one may read. */
export const jobEventsUrl = (id?: string) => `/api/v1${id === undefined ? '/jobs' : jobPath(id)}/events`;

/** Jobs, newest first. */
export const jobsQuery = createQuery((query: QueryParameters, signal) =>
  request<Page<Job>>(withQuery('/jobs', query), { signal }),
);

/** One job. */
export const jobQuery = createQuery((id: string, signal) => request<Job>(jobPath(id), { signal }));

/** Recipe of a job. */
export const recipeQuery = createQuery((id: string, signal) =>
  request<unknown>(`${jobPath(id)}/recipe`, { signal }),
);

/** Webhook calls of a job. */
export const deliveriesQuery = createQuery((id: string, signal) =>
  request<Page<Delivery>>(`${jobPath(id)}/deliveries?limit=50`, { signal }),
);

/** Cancels a job. */
export const cancelJob = (id: string) => request<Job>(jobPath(id), { method: 'DELETE' });

/** Makes a webhook call again. */
export const replayDelivery = (id: string, delivery: string) =>
  request<unknown>(`${jobPath(id)}/deliveries/${encodeURIComponent(delivery)}/replay`, { method: 'POST' });

/** Sends a recipe. */
export const compose = (space: string, recipe: unknown) =>
  send<Job>('POST', `/spaces/${encodeURIComponent(space)}/compositions`, recipe);

/** Composes the recipe of a version again, as the next version. */
export const recompose = (space: string, chart: string, version: string, next: string) =>
  send<Job>('POST', `${versionPath(space, chart, version)}/recompose`, { next });
