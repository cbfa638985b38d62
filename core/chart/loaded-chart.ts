import type { Chart, Dependency } from './chart.ts';
import { type HelmMajor, spend, type ValuesChart, type Work } from './merge-values.ts';

/** An entry of `dependencies` while Helm works on it. */
export interface Entry {
  declared: Dependency;
  /** The alias takes its place once the entry was looked at. */
  name: string;
  enabled: boolean;
  /** Helm 3 forgets imports of an entry that two aliases share, once the first was done. */
  imported: boolean;
}

/** Content of Chart.yaml, shared by copies of a chart where Helm shares it. */
export interface LoadedManifest {
  name: string;
  /** Undefined where nothing is declared: then Helm looks no further. */
  entries: Entry[] | undefined;
}

/** A chart in Helm's memory: `ProcessDependencies` changes it in place. */
export interface LoadedChart extends ValuesChart {
  source: Chart;
  manifest: LoadedManifest;
  subcharts: LoadedChart[];
}

/** Loads a chart as a major of Helm does: Helm 3 reads the first document of values.yaml only. */
export function loadChart(source: Chart, major: HelmMajor): LoadedChart {
  const { name, dependencies, subcharts } = source;
  const entries = dependencies.map(
    (declared): Entry => ({ declared, name: declared.name, enabled: true, imported: false }),
  );
  return {
    name,
    source,
    manifest: { name, entries: entries.length > 0 ? entries : undefined },
    values: major === 3 ? (source.firstValues ?? source.values) : source.values,
    subcharts: subcharts.map((subchart) => loadChart(subchart, major)),
  };
}

/** Steps of a copy: matching ranges takes far longer than merging a value. */
const copyCost = 50;

/**
 * Copies a subchart for an entry that declares it (Helm's getAliasDependency). Helm 3 shares the entries of the original
 * between the copies, so what it did for one alias it does not do again for the next; Helm 4 copies them.
 */
export function copyForEntry(
  chart: LoadedChart,
  { declared }: Entry,
  major: HelmMajor,
  work: Work,
): LoadedChart {
  spend(work, copyCost);
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
