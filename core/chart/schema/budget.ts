/** Steps that reading a schema, or asking it about values, may still take. */
export interface Budget {
  left: number;
}

/** A schema that takes more steps, or nests deeper, than is allowed here; Helm may take it. */
export class SchemaExceeded extends Error {
  override name = 'SchemaExceeded';
}

/** Steps to read one schema, most of them against its metaschema; one of 65,000 properties is read. */
const maxReadSteps = 3_000_000;

/**
 * Steps to check the values of one recipe, whatever its number of schemas: one for each schema that meets a value, and
 * more for long texts and lists. 60,000 keys with a type take 120,001. A count instead of a time gives every machine, and
 * a dry run and its job, the same verdict.
 */
export const maxCheckSteps = 3_000_000;

/** Evaluations inside each other, so that the stack of no thread runs out. */
export const maxDepth = 2_000;

export function createReadBudget(): Budget {
  return { left: maxReadSteps };
}

export function createCheckBudget(): Budget {
  return { left: maxCheckSteps };
}

/** @throws {SchemaExceeded} when the steps are used up */
export function spend(budget: Budget, steps: number): void {
  budget.left -= steps;
  if (budget.left < 0) throw new SchemaExceeded('more steps than are allowed');
}
