import { readSchema, type ValuesSchema } from '../chart/schema.ts';
import { checkValues } from './check-values.ts';
import type { Plan } from './plan.ts';
import type { ResolvedNode } from './resolve-tree.ts';
import { limitWarnings, type Warning } from './warning.ts';
import { findWarnings } from './warnings/find-warnings.ts';
import type { SourceFacts } from './warnings/source-facts.ts';

/** Memory of whoever judges more than one plan. */
export interface JudgeMemory {
  /** Makes a schema of its file. */
  read?: (file: Buffer) => ValuesSchema;
  facts?: SourceFacts;
}

/**
 * Judges a plan before it is composed: the same for a recipe that is composed, inline or by a job, and for a dry run.
 * @returns its warnings, as they are stored and shown
 * @throws {RegistryError} as `checkValues` does
 */
export function judgePlan(root: ResolvedNode, plan: Plan, memory: JudgeMemory = {}): Warning[] {
  const { read = (file) => readSchema(file.toString('utf8')), facts } = memory;
  const unchecked = checkValues(root, plan, read);
  return limitWarnings([
    ...findWarnings(root, plan, facts),
    ...unchecked.map((message): Warning => ({ code: 'schema.unchecked', pointer: '/configs', message })),
  ]);
}
