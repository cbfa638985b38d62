import type { YamlBudget } from '../parse/construct.ts';
import { createYamlBudget } from '../yaml.ts';

/** What was taken from a fresh budget. */
export function spentOf(left: YamlBudget): YamlBudget {
  const { text, nodes, units } = createYamlBudget();
  return { text: text - left.text, nodes: nodes - left.nodes, units: units - left.units };
}

export function addCosts(one: YamlBudget, other: YamlBudget): YamlBudget {
  return { text: one.text + other.text, nodes: one.nodes + other.nodes, units: one.units + other.units };
}

/** Whether a chart whose files cost so much in all can be read. */
export function isAffordable(cost: YamlBudget): boolean {
  const { text, nodes, units } = createYamlBudget();
  return cost.text <= text && cost.nodes <= nodes && cost.units <= units;
}
