import { type Constraint, parseConstraint } from '../semver/constraint.ts';

/** Criteria of a rule; a version stays if it meets any of them. */
export interface KeepCriteria {
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

/** Names of the criteria, in the order in which they are checked. */
export const keepCriterionNames = ['last', 'range', 'prereleaseDays', 'pulledDays', 'newerDays'] as const;
/** Name of a criterion. */
export type KeepCriterionName = (typeof keepCriterionNames)[number];

/** Rule about some charts of a space. */
export interface RetentionRule {
  /** Globs, of which the name of the chart must match one. */
  charts: string[];
  keep: KeepCriteria;
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

/** Parses the ranges of rules once, for all versions that they decide about. */
export function prepareRules(rules: readonly RetentionRule[]): ReadyRule[] {
  return rules.map((rule) => ({
    ...rule,
    range: rule.keep.range === undefined ? undefined : parseConstraint(rule.keep.range),
  }));
}
