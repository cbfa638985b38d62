import type { YamlBudget } from '../yaml-source.ts';
import { createYamlBudget } from '../yaml-source.ts';

/** Returns the part of a new budget that was spent. */
export function spentOf(budget: YamlBudget): YamlBudget {
  const { text, nodes, units } = createYamlBudget();
  return { text: text - budget.text, nodes: nodes - budget.nodes, units: units - budget.units };
}

/** Adds two costs. */
export function addCosts(one: YamlBudget, other: YamlBudget): YamlBudget {
  return { text: one.text + other.text, nodes: one.nodes + other.nodes, units: one.units + other.units };
}

/** Tells whether the budget of one archive covers a cost. */
export function isAffordable(cost: YamlBudget): boolean {
  const { text, nodes, units } = createYamlBudget();
  return cost.text <= text && cost.nodes <= nodes && cost.units <= units;
}
