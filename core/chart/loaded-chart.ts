import type { Chart, Dependency } from './chart.ts';
import type { ValuesChart } from './copy-maps.ts';
import { chargeSteps, type MergeBudget } from './merge-budget.ts';
import type { HelmMajor } from './merge-values.ts';

/** An entry of `dependencies` while Helm processes it. */
export interface DependencyEntry {
  declared: Dependency;
  /** Name in `dependencies`; the alias once the entry was processed. */
  name: string;
  enabled: boolean;
  /** Whether its values were imported: Helm 3 imports an entry that two aliases share only once. */
  imported: boolean;
}

/** The state of Chart.yaml; copies of a chart share it wherever Helm shares it. */
export interface LoadedManifest {
  name: string;
  /** Undefined if nothing is declared: Helm then looks no further. */
  entries: DependencyEntry[] | undefined;
}

/** A chart in Helm's memory, which `ProcessDependencies` changes in place. */
export interface LoadedChart extends ValuesChart {
  source: Chart;
  manifest: LoadedManifest;
  subcharts: LoadedChart[];
}

/** Loads a chart as a major of Helm does. Helm 3 reads only the first document of values.yaml. */
export function loadChart(source: Chart, major: HelmMajor): LoadedChart {
  const { name, dependencies, subcharts } = source;
  const entries = dependencies.map(
    (declared): DependencyEntry => ({ declared, name: declared.name, enabled: true, imported: false }),
  );
  return {
    name,
    source,
    manifest: { name, entries: entries.length > 0 ? entries : undefined },
    values: major === 3 ? (source.firstValues ?? source.values) : source.values,
    subcharts: subcharts.map((subchart) => loadChart(subchart, major)),
  };
}

/** Steps that a copy costs: matching ranges takes far longer than merging a value. */
const copyCost = 50;

/**
 * Copies a subchart for an entry that declares it (Helm's getAliasDependency).
 * In Helm 3 the copies share the original's entries, so work done for one alias is not repeated for the next. Helm 4
 * copies the entries.
 */
export function copyForEntry(
  chart: LoadedChart,
  { declared }: DependencyEntry,
  major: HelmMajor,
  budget: MergeBudget,
): LoadedChart {
  chargeSteps(budget, copyCost);
  const name = declared.alias || chart.manifest.name;
  if (major === 3) return { ...chart, name, manifest: { ...chart.manifest, name } };
  const entries = chart.manifest.entries?.map((entry) => ({ ...entry }));
  return {
    ...chart,
    name,
    manifest: { name, entries },
    subcharts: chart.subcharts.map((subchart) => ({ ...subchart })),
  };
}
