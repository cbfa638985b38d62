import type { ErrorBody } from '../errors.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

/** What a running job is at: reading its sources, putting the chart together, writing it down. */
export type JobStage = 'queued' | 'fetching' | 'composing' | 'storing' | 'done';

/** One orchestration, from acceptance to its final state. */
export interface Job {
  id: string;
  state: JobState;
  space: string;
  chart: string;
  version: string;
  progress: { stage: JobStage; done: number; total: number };
  /** The stored versions that it is made from; null for jobs of a release that did not write them here. */
  sources: ResolvedSource[] | null;
  /** Warnings of its recipe, found when it was accepted; null where there are none. */
  warnings: Warning[] | null;
  /** How often a worker took it up. */
  attempts: number;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  error: ErrorBody | null;
}

export function isFinal(state: JobState): boolean {
  return state !== 'queued' && state !== 'running';
}

/** The columns of a `Job`, for every query that reads one. */
export const jobColumns = `id, state, space, chart, version, stage, done, total, sources, warnings, attempts,
  created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt", error`;

/** A row of `jobColumns`. */
export type JobRow = Omit<Job, 'progress'> & Job['progress'];

export function toJob({ stage, done, total, ...job }: JobRow): Job {
  return { ...job, progress: { stage, done, total } };
}
