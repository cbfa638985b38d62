/** Parameters of a statement, which are numbered as they are added. */
export interface SqlParameters {
  values: unknown[];
  /** Adds a value. @returns SQL that names it */
  add(value: unknown): string;
}

/** Creates the parameters of a statement. */
export function createSqlParameters(): SqlParameters {
  const values: unknown[] = [];
  return { values, add: (value) => `$${values.push(value)}` };
}

/** Joins conditions that all must hold. */
export function joinConditions(conditions: readonly (string | undefined)[]): string {
  return conditions.filter((condition) => condition !== undefined).join(' AND ') || 'true';
}
