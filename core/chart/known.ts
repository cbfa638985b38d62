import type { ChartFiles } from './chart.ts';
import type { JsonObject } from './json.ts';
import type { Manifest } from './manifest.ts';
import type { YamlBudget } from './yaml-construct.ts';

/** What a YAML file means, and what reading it takes at most. */
export interface Meaning {
  value: JsonObject;
  cost: YamlBudget;
}

/** What a Chart.yaml says, together with the requirements.yaml beside it. */
export interface KnownManifest {
  manifest: Manifest;
  requirements: Buffer | undefined;
  cost: YamlBudget;
}

/** What files mean that were read or written before, by their very buffers. */
export interface Known {
  manifest(file: Buffer): KnownManifest | undefined;
  meaning(file: Buffer): Meaning | undefined;
}

/** The manifest of a chart that need not be read. */
export function findManifest(
  known: Known | undefined,
  files: ChartFiles,
  budget: YamlBudget,
): Manifest | undefined {
  const file = files.get('Chart.yaml');
  const found = file && known?.manifest(file);
  if (!found || found.requirements !== files.get('requirements.yaml')) return undefined;
  return charge(budget, found.cost) ? found.manifest : undefined;
}

/** The values of a chart that need not be read. */
export function findValues(
  known: Known | undefined,
  files: ChartFiles,
  budget: YamlBudget,
): JsonObject | undefined {
  const file = files.get('values.yaml');
  const found = file && known?.meaning(file);
  return found && charge(budget, found.cost) ? found.value : undefined;
}

/** Takes nothing where there is too little left: reading says what is wrong. */
function charge(budget: YamlBudget, { text, nodes, units }: YamlBudget): boolean {
  if (budget.text < text || budget.nodes < nodes || budget.units < units) return false;
  budget.text -= text;
  budget.nodes -= nodes;
  budget.units -= units;
  return true;
}
