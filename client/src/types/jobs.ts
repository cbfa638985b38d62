import type { Problem } from '../errors.ts';
import type { ResolvedSource, Warning } from './composition.ts';
import type { ChartLink, VersionRef } from './versions.ts';

/** State of a job; the last three are final. */
export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** Step of a running job. */
export type JobStage = 'queued' | 'fetching' | 'composing' | 'storing' | 'done';

/** Stage that a job has entered, and left if `finishedAt` is there. */
export interface StageTimes {
  stage: JobStage;
  startedAt: string;
  finishedAt?: string;
}

/** Accepted recipe, from its acceptance to its end and after it. */
export interface Job extends VersionRef {
  id: string;
  state: JobState;
  /** Name of who sent the recipe; absent in a registry with open access. */
  author?: string;
  progress: { stage: JobStage; done: number; total: number };
  stages?: StageTimes[];
  /** Digest of the archive that it replaces; absent for a new version. */
  replaces?: string;
  sources?: ResolvedSource[];
  warnings: Warning[];
  /** Number of times that a worker has begun it. */
  attempts: number;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** Composed version, of a job that has succeeded. */
  result?: ChartLink;
  /** Reason why a job has failed. */
  error?: Problem;
  links: { self: string; events: string; deliveries: string };
}

/** Job that has succeeded. */
export interface SucceededJob extends Job {
  state: 'succeeded';
  result: ChartLink;
}

/** Filter of a list of jobs. */
export interface JobFilter {
  space?: string;
  chart?: string;
  state?: JobState | readonly JobState[];
}

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
