import type { Digest } from '../blobs/port.ts';
import type { ErrorBody } from '../errors.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';
import type { EnteredStage, JobStage } from './stages.ts';

/** States of a job; the last three are final. */
export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
/** State of a job, as in its row. */
export type JobState = (typeof jobStates)[number];

/** An accepted recipe, until its final state and after it. */
export interface Job {
  id: string;
  state: JobState;
  space: string;
  chart: string;
  version: string;
  progress: { stage: JobStage; done: number; total: number };
  /** Stages that it has entered; null for jobs of old releases, which did not record them. */
  stages: readonly EnteredStage[] | null;
  /** Stored versions from which the chart is made; null for jobs of old releases, which did not store them. */
  sources: ResolvedSource[] | null;
  /** Spaces of its recipe's `save.from`; null without it. */
  from: string[] | null;
  /** Warnings of the recipe and, once it is composed, of the composition; null where there are none. */
  warnings: Warning[] | null;
  /** Times that a worker claimed the job. */
  attempts: number;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** Time of the last change; of a job that is over, its end. */
  updatedAt: Date;
  error: ErrorBody | null;
  /** Id of the principal that sent the recipe; null for one of a registry with open access. */
  authorId: string | null;
  /** Name of that principal, which outlives it. */
  author: string | null;
  /** Digest of the archive that it replaces, as it was when the recipe was accepted; null for a new version. */
  replaces: Digest | null;
  /** Id of the space when the recipe was accepted; null where that is no longer known. */
  spaceId: number | null;
}

/** States of jobs that are over. */
export const finalStates = ['succeeded', 'failed', 'cancelled'] as const satisfies readonly JobState[];

/** Whether a state is final: the job no longer changes. */
export function isFinal(state: JobState): boolean {
  return state !== 'queued' && state !== 'running';
}

/** SQL columns that `toJob` reads. */
export const jobColumns = `id, state, space, chart, version, stage, done, total, stages, sources, warnings, attempts,
  created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt", changed_at AS "updatedAt", error,
  author_id AS "authorId", author, space_id AS "spaceId", replaces,
  from_spaces AS "from"`;

/** A row of `jobColumns`. */
export type JobRow = Omit<Job, 'progress'> & Job['progress'];

/** Makes a job of a row of `jobColumns`. */
export function toJob({ stage, done, total, ...job }: JobRow): Job {
  return { ...job, progress: { stage, done, total } };
}
