import { keepCriterionNames } from './rules.ts';

/** Facts about a version that decide whether it stays. */
export interface VersionFacts {
  version: string;
  /** Precedence by SemVer; that of a release ends with `~`. */
  sortKey: string;
  /** When its archive was stored, or replaced last. */
  storedAt: Date;
  /** Day of its last download, as `2026-01-31`; null where none is known. */
  pulledOn: string | null;
  /** Whether a stored version was composed from it. */
  isSource: boolean;
  /** Whether an unfinished job composes from it. */
  isAwaited: boolean;
  /** Whether somebody has restored it after its deletion. */
  isRestored: boolean;
}

/** Reasons for which a version stays whatever the rules say, in the order in which they are checked. */
export const fixedReasons = ['immutable', 'noRule', 'highest', 'source', 'job', 'restored'] as const;

/** Reason for which a version stays whatever the rules say. */
export type FixedReason = (typeof fixedReasons)[number];

/** Reason why a version stays or goes: a fixed reason, the criterion of a rule that keeps it, or `unkept`. */
export const retentionReasons = [...fixedReasons, ...keepCriterionNames, 'unkept'] as const;
/** Reason why a version stays or goes. */
export type RetentionReason = (typeof retentionReasons)[number];

/** Decision about a version. */
export interface Verdict {
  action: 'keep' | 'delete';
  /** Number of the rule that decides, from 1; null where none fits or none is needed. */
  rule: number | null;
  reason: RetentionReason;
  /** The reason in words. */
  message: string;
}

/** Numbers of the versions of a chart that are above a slice of it. */
export interface CountsAbove {
  releases: number;
  prereleases: number;
}

/** Facts about a slice, some neighbouring versions of a chart: what is above it, and in the rest. */
export interface SliceFacts {
  above: CountsAbove;
  /** Whether the chart has a release, perhaps below the slice. */
  hasRelease: boolean;
}

/** Circumstances that are the same for all versions of a space. */
export interface Circumstances {
  /** Time from which days are counted back. */
  now: Date;
  isImmutable: boolean;
  /** Day since which downloads are recorded. */
  recordedSince: string;
}

/** Version with the facts that the criteria of a rule compare. */
export interface RankedVersion extends VersionFacts {
  isRelease: boolean;
  /** Rank among the releases of its chart, or among its pre-releases; 1 for the highest. */
  rank: number;
  /** Day on which it counts as downloaded last. */
  lastPulled: string;
}
