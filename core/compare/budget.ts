import type { Json } from '../yaml/json.ts';

/** Largest value that an answer shows, in characters of JSON. */
const maxShownValueLength = 32 * 1024;

/** Largest diff of one file among others, in bytes. */
const maxFileDiff = 64 * 1024;

/** Work of one file's diff, in steps; a step takes some nanoseconds. */
const maxFileSteps = 30_000_000;

/** Remainder of what one answer may show and compute. */
export interface CompareBudget {
  /** Characters of JSON of values. */
  values: number;
  /** Bytes of diffs. */
  diffs: number;
  /** Steps of searching for diffs. */
  steps: number;
  /** Set once something is cut or left out. */
  truncated: boolean;
}

/**
 * Creates the budget of one answer. A budget has 1 MiB of values, 1 MiB of diffs, and about a second of searching.
 */
export function createCompareBudget(): CompareBudget {
  return { values: 1024 * 1024, diffs: 1024 * 1024, steps: 100_000_000, truncated: false };
}

/**
 * Charges a budget with the values of an item.
 * @returns false when they are too long to be shown
 */
export function chargeValues(budget: CompareBudget, values: readonly (Json | undefined)[]): boolean {
  const lengths = values.map((value) => (value === undefined ? 0 : JSON.stringify(value).length));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (lengths.some((length) => length > maxShownValueLength) || total > budget.values) return false;
  budget.values -= total;
  return true;
}

/** Remainder of what the diff of one file may show and compute. */
export interface DiffBudget {
  bytes: number;
  steps: number;
}

/**
 * Runs the diff of one file with its part of the budget. The budget is charged with what was used.
 * @param isAlone whether it is the only file, whose diff may use all
 */
export function runDiffWithinBudget<T>(
  budget: CompareBudget,
  isAlone: boolean,
  diff: (share: DiffBudget) => T,
): T {
  const bytes = isAlone ? budget.diffs : Math.min(budget.diffs, maxFileDiff);
  const steps = Math.min(budget.steps, maxFileSteps);
  const share = { bytes, steps };
  try {
    return diff(share);
  } finally {
    budget.diffs -= bytes - share.bytes;
    budget.steps -= steps - share.steps;
  }
}
