import type { Problem } from '../errors.ts';
import type { ResolvedSource, Warning } from './composition.ts';
import type { ChartLink, VersionRef } from './versions.ts';

/** State of a job; the last three are final. */
export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** Step of a running job. */
export type JobStage = 'queued' | 'fetching' | 'composing' | 'storing' | 'done';

/** Stage that a job has entered, and left if `finishedAt` is there. */
export interface StageTimes {
  stage: Exclude<JobStage, 'done'>;
  startedAt: string;
  finishedAt?: string;
}

/** Accepted recipe, from its acceptance to its end and after it. */
export interface Job extends VersionRef {
  id: string;
  state: JobState;
  /** Name of the principal that sent the recipe; absent in a registry with open access. */
  author?: string;
  progress: { stage: JobStage; done: number; total: number };
  /** Stages in the order in which it entered them; a job that was tried again has some of them again. */
  stages: StageTimes[];
  /** Digest of the archive that it replaces; absent for a new version. */
  replaces?: string;
  sources?: ResolvedSource[];
  warnings: Warning[];
  /** Number of times that a worker has begun it. */
  attempts: number;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** Time of the last change. */
  updatedAt: string;
  /** Composed version, of a job that has succeeded. */
  result?: ChartLink;
  /** Reason why a job has failed. */
  error?: Problem;
  links: { self: string; events: string; deliveries: string; recipe: string };
}

/** Job that has succeeded. */
export interface SucceededJob extends Job {
  state: 'succeeded';
  result: ChartLink;
}

/** Filter of jobs that are followed. */
export interface FollowedJobs {
  space?: string;
  state?: JobState | readonly JobState[];
}

/** Filter and order of a list of jobs; the newest first if absent. */
export interface JobFilter extends FollowedJobs {
  chart?: string;
  /** Part of SPACE/CHART/VERSION. */
  q?: string;
  /** Time by which they are sorted; `finished` leaves out jobs that are not over. */
  sort?: 'created' | 'updated' | 'finished';
  order?: 'asc' | 'desc';
}

/**
 * Change of jobs. `job` has the new state of one job. `reset` says that other jobs may have changed too, so lists must
 * be read again. Each stream begins with it, since a stream does not know what changed before.
 */
export type JobChange = { kind: 'job'; job: Job } | { kind: 'reset' };

/** Numbers of jobs by state, each counted up to 10,000. */
export type JobCounts = Record<JobState, { count: number; more: boolean }>;

/** Try to make the call of a delivery. */
export interface DeliveryAttempt {
  number: number;
  startedAt: string;
  durationMs: number;
  status?: number;
  error?: string;
}

/** Call of a callback that is owed or made. */
export interface Delivery {
  id: string;
  url: string;
  state: 'pending' | 'succeeded' | 'failed';
  createdAt: string;
  finishedAt: string | null;
  attempts: DeliveryAttempt[];
}
