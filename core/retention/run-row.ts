import type { ErrorBody } from '../errors.ts';
import type { RetentionRule } from './rules.ts';

/** States of a run. A halted run has deleted less than it found; `error` says why. */
export const retentionRunStates = ['running', 'succeeded', 'halted', 'failed'] as const;
/** State of a run. */
export type RetentionRunState = (typeof retentionRunStates)[number];

/** Run of the retention of a space. */
export interface RetentionRun {
  id: string;
  state: RetentionRunState;
  openedBy: 'schedule' | 'request';
  /** Name of the principal that asked for it; null where nobody is known. */
  principal: string | null;
  startedAt: Date;
  finishedAt: Date | null;
  /** Versions that were examined. */
  examined: number;
  /** Versions that were found to go. */
  due: number;
  deleted: number;
  /** Bytes of the archives of deleted versions. */
  bytes: number;
  mostDeleted: number;
  error: ErrorBody | null;
}

/** Run with the rules that it applies. */
export interface ShownRetentionRun extends RetentionRun {
  rules: RetentionRule[];
}

/** SQL columns of a run. */
export const runColumns = `id, state, opened_by AS "openedBy", principal, started_at AS "startedAt",
  finished_at AS "finishedAt", examined, due, deleted, bytes, most_deleted AS "mostDeleted", error`;
