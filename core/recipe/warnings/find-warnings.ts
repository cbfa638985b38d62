import type { ReadSchemaFile } from '../check-values.ts';
import { createNewChart, type NewChart } from '../new-chart.ts';
import type { Plan } from '../plan.ts';
import type { ResolvedNode } from '../resolve-tree.ts';
import type { Warning } from '../warning.ts';
import { findConditionWarnings } from './condition-warnings.ts';
import { findDroppedTemplates } from './dropped-templates.ts';
import { findDroppedValues } from './dropped-values.ts';
import { findMissingDependencies } from './missing-dependencies.ts';
import { findOverriddenGlobals } from './overridden-globals.ts';
import { type ChartPlace, listChartPlaces } from './places.ts';
import { findReplacedTemplates } from './replaced-templates.ts';
import { findShadowedTemplates } from './shadowed-templates.ts';
import { createSourceFacts, type SourceFacts } from './source-facts.ts';
import { findUnfitCharts } from './unfit-charts.ts';
import { findValueWarnings } from './value-warnings.ts';

/** Results that a caller of {@link findWarnings} has made before, or keeps. */
export interface WarningInputs {
  newChart?: NewChart;
  read?: ReadSchemaFile | undefined;
  /** Facts about the sources, kept from earlier plans. */
  facts?: SourceFacts | undefined;
}

/**
 * Finds all warnings about a plan, by its sources' values and templates.
 * To add a warning, add its code to `warningCodes` and its finder here.
 */
export function findWarnings(
  root: ResolvedNode,
  plan: Plan,
  { newChart = createNewChart(root, plan), read, facts = createSourceFacts() }: WarningInputs = {},
): Warning[] {
  const places = listChartPlaces(root, newChart.chart, facts);
  return [
    ...findUnfitCharts(plan, places),
    ...findMissingDependencies(places, facts),
    ...findDroppedTemplates(root, places, facts),
    ...findDroppedValues(root, plan, places, facts),
    ...findShadowedTemplates(places, facts),
    ...findReplacedTemplates(root, places, facts),
    ...findValueWarnings(root, plan, newChart, read),
    ...findConditionWarnings(places),
    ...findOverriddenGlobals(root, places),
    ...findDeprecated(places),
  ];
}

function findDeprecated(places: readonly ChartPlace[]): Warning[] {
  return places.flatMap(({ node, isNode, source }): Warning[] => {
    if (!isNode || source.manifest.deprecated !== true) return [];
    const message = `${source.name} ${source.version} is deprecated by its authors: look for its replacement.`;
    return [{ code: 'source.deprecated', pointer: node.pointer, message }];
  });
}
