import type { Problem } from '../errors.ts';
import type { Callback, FollowSettings } from './recipes.ts';
import type { ChartRef } from './versions.ts';

/** Composition that a follow has opened. */
export interface FollowRun {
  state: 'running' | 'composed' | 'failed' | 'cancelled';
  /** Version whose recipe was composed again. */
  from?: string;
  version?: string;
  startedAt: string;
  finishedAt: string | null;
  error?: Problem;
  /** Number of versions that were deleted for `keep`. */
  deleted: number;
  keepError?: Problem;
  job?: string;
}

/** Standing order to compose a chart anew when its sources change. */
export interface Follow extends ChartRef {
  settings: FollowSettings;
  state: 'current' | 'due' | 'running' | 'failed';
  /** Name of the principal whose rights count. */
  author?: string;
  changedAt: string;
  dueAt?: string;
  failure?: Problem;
  hasCallback: boolean;
}

/** Follow of a list, with its newest run. */
export interface ListedFollow extends Follow {
  /** Absent where there was none yet. */
  lastRun?: FollowRun;
}

/** Filter of a list of follows. */
export interface FollowFilter {
  /** The only space; all that the caller may read if absent. */
  space?: string;
  state?: Follow['state'];
}

/** Wanted settings of a follow; what is absent has its default. */
export interface WantedFollow extends Partial<FollowSettings> {
  /** Stays as it is if absent. */
  callback?: Callback;
}
