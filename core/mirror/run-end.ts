import type { IndexValidators } from './fetch-index.ts';
import type { MirrorFault, MirrorOutcome, MirrorRunState } from './settings.ts';

/** Versions of a run: those in the index, those that the filters choose, and what came of them. */
export type RunCounts = { [What in 'listed' | 'chosen' | 'tooYoung' | 'unchanged' | MirrorOutcome]?: number };

/** Counts a version. */
export function countOutcome(counts: RunCounts, what: keyof RunCounts): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

/** Result of a run. */
export interface MirrorRunEnd {
  state: Exclude<MirrorRunState, 'running' | 'cancelled'>;
  counts: RunCounts;
  /** Validators of an index that need not be read again unless it changes. */
  validators?: IndexValidators | undefined;
  error?: MirrorFault | undefined;
  /** Milliseconds since 1970 before which the upstream wants no request. */
  retryAt?: number | undefined;
}
