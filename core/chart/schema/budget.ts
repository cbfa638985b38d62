/** Steps that reading a schema, or asking it about values, may still take. */
export interface Budget {
  left: number;
}

/** A schema that takes more steps, or nests deeper, than is allowed here; Helm may take it. */
export class SchemaExceeded extends Error {
  override name = 'SchemaExceeded';
}

/** Steps to read one schema: those of large public charts take some 20,000. */
const maxReadSteps = 3_000_000;

/**
 * Steps to check the values of one recipe, whatever its number of schemas. Large public charts take some 10,000. A count
 * instead of a time gives every machine, and a dry run and its job, the same verdict.
 */
export const maxCheckSteps = 5_000_000;

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
