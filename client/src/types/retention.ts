import type { Problem } from '../errors.ts';

/** Parts of a rule; a version stays if any of them says so. At least one is needed. */
export interface RetentionKeep {
  /** Number of the highest releases, and of the highest pre-releases, which are counted apart. */
  last?: number;
  /** Range of versions, as Helm reads it. */
  range?: string;
  /** Days for which a pre-release stays after it was stored. */
  prereleaseDays?: number;
  /** Days for which a version stays after its last download. */
  pulledDays?: number;
  /** Days for which a version stays after it was stored. */
  newerDays?: number;
}

/** Rule about some charts. */
export interface RetentionRule {
  /** Globs, of which the name of the chart must match one. */
  charts: string[];
  keep: RetentionKeep;
}

/** Wanted retention of a space. */
export interface WantedRetention {
  /** The first rule that fits a chart decides. */
  rules: RetentionRule[];
  /** Versions that one run may delete, 1000 if absent; a run that finds more deletes none. */
  mostDeleted?: number;
  /** Whether runs are opened by the schedule; true if absent. */
  scheduled?: boolean;
}

/** Retention of a space. */
export interface Retention extends Required<WantedRetention> {
  /** Null where nobody has set rules. */
  changedAt: string | null;
  /** Null where the schedule opens no run. */
  nextRunAt: string | null;
}

/** Reason why a version stays: a criterion of a rule, or what holds whatever the rules say; `unkept` for one that goes. */
export type RetentionReason =
  | keyof RetentionKeep
  | 'immutable'
  | 'noRule'
  | 'highest'
  | 'source'
  | 'job'
  | 'restored'
  | 'unkept';

/** Version with what a run of retention would do with it. */
export interface RetentionPreviewItem {
  chart: string;
  version: string;
  action: 'keep' | 'delete';
  /** Number of the rule that fits the chart, from 1; null where none does. */
  rule: number | null;
  reason: RetentionReason;
  message: string;
  /** Bytes of the archive. */
  size: number;
  storedAt: string;
  /** Day of the last download that is recorded. */
  pulledOn: string | null;
}

/** Choice of a preview. */
export interface RetentionFilter {
  chart?: string;
  action?: 'keep' | 'delete';
}

/** Version that was deleted, and can be restored. */
export interface DeletedVersion {
  chart: string;
  version: string;
  /** Digest of the archive; names the deletion where a version was deleted more than once. */
  digest: string;
  /** Bytes of the archive. */
  size: number;
  hasProvenance: boolean;
  isComposed: boolean;
  author: string | null;
  storedAt: string;
  deletedAt: string;
  /** Time from which on the garbage collection may delete its archive. */
  restorableUntil: string;
  /** Run of retention that has deleted it; null where somebody has. */
  run: string | null;
}

/** Version that is there again. */
export interface RestoredVersion {
  space: string;
  chart: string;
  version: string;
  digest: string;
  link: string;
  /** Whether its OCI manifest has the digest that it had, so that signatures of it count; null where none was kept. */
  sameManifest: boolean | null;
  /** Whether its lineage is there again; null for a version that was uploaded. */
  lineage: boolean | null;
}

/** Run of the retention of a space. */
export interface RetentionRun {
  id: string;
  /** A run that is halted has deleted less than it found, as `error` says. */
  state: 'running' | 'succeeded' | 'halted' | 'failed';
  openedBy: 'schedule' | 'request';
  /** Name of the principal that asked for it; null where nobody is known. */
  principal: string | null;
  startedAt: string;
  finishedAt: string | null;
  /** Versions that were examined. */
  examined: number;
  /** Versions that were found to go. */
  due: number;
  deleted: number;
  /** Bytes of the archives of deleted versions. */
  bytes: number;
  mostDeleted: number;
  error?: Problem;
}

/** Run with the rules that it applies. */
export interface ShownRetentionRun extends RetentionRun {
  rules: RetentionRule[];
}
