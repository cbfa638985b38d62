import { isObject, type Json } from './json.ts';
import { createYamlBudget } from './yaml.ts';
import type { YamlBudget } from './yaml-construct.ts';

/** What was taken from a fresh budget. */
export function spentOf(left: YamlBudget): YamlBudget {
  const { text, nodes, units } = createYamlBudget();
  return { text: text - left.text, nodes: nodes - left.nodes, units: units - left.units };
}

/** What reading a text of this meaning takes at most, if it says nothing twice; without the text itself. */
export function costOf(value: Json, cost: YamlBudget = { text: 0, nodes: 0, units: 0 }): YamlBudget {
  cost.nodes += 1;
  if (typeof value === 'string') cost.units += value.length;
  else if (Array.isArray(value)) for (const item of value) costOf(item, cost);
  else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      cost.nodes += 1;
      cost.units += key.length;
      costOf(value[key] ?? null, cost);
    }
  } else cost.units += longestScalar;
  return cost;
}

/** Digits of a number at most, as JavaScript writes it. */
const longestScalar = 32;
