import { readSchema, type ValuesSchema } from '../chart/schema.ts';
import { checkValues } from './check-values.ts';
import { createNewChart } from './new-chart.ts';
import type { Plan } from './plan.ts';
import type { ResolvedNode } from './resolve-tree.ts';
import { limitWarnings, type Warning } from './warning.ts';
import { findWarnings } from './warnings/find-warnings.ts';
import type { SourceFacts } from './warnings/source-facts.ts';

/** Caches that assessments of several plans share. */
export interface PlanCaches {
  /** Reads a values.schema.json; by default without a cache. */
  read?: (file: Buffer) => ValuesSchema;
  facts?: SourceFacts;
}

/**
 * Validates a plan's values and finds its warnings, before it is composed.
 * A composition, inline or by a job, and a dry run all call this function, and so agree.
 * @returns the warnings, bounded as they are stored and shown
 * @throws {RegistryError} as `checkValues` does
 */
export function assessPlan(root: ResolvedNode, plan: Plan, caches: PlanCaches = {}): Warning[] {
  const { read = (file) => readSchema(file.toString('utf8')), facts } = caches;
  const newChart = createNewChart(root, plan);
  const unchecked = checkValues(root, plan, read, newChart);
  return limitWarnings([
    ...findWarnings(root, plan, { read, facts, newChart }),
    ...unchecked.map((message): Warning => ({ code: 'schema.unchecked', pointer: '/configs', message })),
  ]);
}
