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

/** Why a version stays: a part of a rule, or what holds whatever the rules say; `unkept` for one that goes. */
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
