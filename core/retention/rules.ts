import { type Constraint, parseConstraint } from '../semver/constraint.ts';

/** Parts of a rule; a version stays if any of them says so. */
export interface KeptParts {
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

/** Parts in the order in which they are asked. */
export const keptParts = ['last', 'range', 'prereleaseDays', 'pulledDays', 'newerDays'] as const;
/** Name of a part. */
export type KeptPart = (typeof keptParts)[number];

/** Rule about some charts of a space. */
export interface RetentionRule {
  /** Globs, of which the name of the chart must match one. */
  charts: string[];
  keep: KeptParts;
}

/** Retention of a space as somebody sets it. */
export interface RetentionSettings {
  /** The first rule that fits a chart decides; versions of charts that none fits stay. */
  rules: RetentionRule[];
  /** Versions that one run may delete; a run that finds more deletes none. */
  mostDeleted: number;
  /** Whether runs are opened by the schedule, and not by requests alone. */
  scheduled: boolean;
}

/** Limits of settings. */
export const retentionLimits = {
  rules: 50,
  last: 10_000,
  days: 36_500,
  mostDeleted: 1_000_000,
} as const;

/** Versions that one run may delete where the settings do not say. */
export const defaultMostDeleted = 1_000;

/** Rule with its range parsed. */
export interface ReadyRule extends RetentionRule {
  range: Constraint | undefined;
}

/** Parses the ranges of rules once, for all versions that they are asked about. */
export function prepareRules(rules: readonly RetentionRule[]): ReadyRule[] {
  return rules.map((rule) => ({
    ...rule,
    range: rule.keep.range === undefined ? undefined : parseConstraint(rule.keep.range),
  }));
}
