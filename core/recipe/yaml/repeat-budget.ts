import { type Json, type JsonObject, setKey } from '../../yaml/json.ts';

/** Amount of data that aliases and merge keys may still repeat. */
export interface RepeatBudget {
  nodes: number;
  /** UTF-16 units of keys and texts. */
  units: number;
}

/** Creates the budget of one recipe. The budget is far more than people repeat, and too little to fill the memory. */
export function createRepeatBudget(): RepeatBudget {
  return { nodes: 50_000, units: 1024 * 1024 };
}

/** Copies a value within a budget. @returns undefined when the budget is used up */
export function copyWithin(value: Json, budget: RepeatBudget): Json | undefined {
  budget.nodes -= 1;
  if (typeof value === 'string') budget.units -= value.length;
  if (budget.nodes < 0 || budget.units < 0) return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return copyList(value, budget);
  const copy: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    budget.units -= key.length;
    const copied = copyWithin(inner, budget);
    if (copied === undefined) return undefined;
    setKey(copy, key, copied);
  }
  return copy;
}

/**
 * Charges the keys of maps that are merged. Maps that merge maps copy the innermost keys again at each level.
 * @returns whether the budget allows it
 */
export function chargeMerge(maps: readonly JsonObject[], budget: RepeatBudget): boolean {
  for (const map of maps) budget.nodes -= Object.keys(map).length;
  return budget.nodes >= 0;
}

function copyList(list: readonly Json[], budget: RepeatBudget): Json[] | undefined {
  const copy: Json[] = [];
  for (const item of list) {
    const copied = copyWithin(item, budget);
    if (copied === undefined) return undefined;
    copy.push(copied);
  }
  return copy;
}
