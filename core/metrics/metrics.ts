import { createDistribution, type Distribution } from './distribution.ts';
import type { MetricSamples, Sample } from './samples.ts';
import { type MetricDefinition, metricPrefix } from './subject.ts';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  metricTable,
} from './subjects.ts';

/** Counter of one set of labels. Code that counts adds to `value` directly, so a count costs nothing else. */
export interface Tally {
  value: number;
}

/** Sets the value of a gauge, or of a counter that is kept elsewhere. */
export type SetValue = <Name extends GaugeName | CounterName>(
  name: Name,
  labels: LabelsOf<Name>,
  value: number,
) => void;

/** Reads values that are looked up at each scrape. */
export type ReadValues = (set: SetValue) => void | Promise<void>;

/** Metrics of one process. */
export interface Metrics {
  /** Returns the counter of a set of labels. Keep it where requests are counted: looking it up costs more than counting. */
  tally<Name extends CounterName>(name: Name, labels: LabelsOf<Name>): Tally;
  /** Returns the histogram of a set of labels. */
  distribution<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>): Distribution;
  /** Adds values that are looked up at each reading. A reader that fails leaves its values out. */
  addReader(read: ReadValues): void;
  /** Reads all metrics, those without a value included. */
  read(): Promise<MetricSamples[]>;
}

/** Values of one metric by their labels. */
interface LabelledValue<Value> {
  labels: Readonly<Record<string, string>>;
  value: Value;
}

/** Creates the metrics of a process. */
export function createMetrics(): Metrics {
  const tallies = new Map<string, Map<string, LabelledValue<Tally>>>();
  const distributions = new Map<string, Map<string, LabelledValue<Distribution>>>();
  const readers: ReadValues[] = [];

  async function readValues(): Promise<Map<string, Sample[]>> {
    const values = new Map<string, Sample[]>();
    const set: SetValue = (name, labels, value) => {
      const samples = values.get(name) ?? [];
      samples.push({ labels, value });
      values.set(name, samples);
    };
    await Promise.allSettled(readers.map(async (read) => read(set)));
    return values;
  }

  return {
    tally: (name, labels) => ensureValue(tallies, name, labels, () => ({ value: 0 })),
    distribution: (name, labels) =>
      ensureValue(distributions, name, labels, () => createDistribution(definitionOf(name).buckets ?? [])),
    addReader: (read) => void readers.push(read),
    async read() {
      const values = await readValues();
      return Object.keys(metricTable).map((name) => {
        const definition = definitionOf(name);
        const counted = [...(tallies.get(name)?.values() ?? [])].map(({ labels, value: { value } }) => ({
          labels,
          value,
        }));
        const distributed = [...(distributions.get(name)?.values() ?? [])].flatMap(({ labels, value }) =>
          value.samples(metricPrefix + name, labels),
        );
        return {
          name: metricPrefix + name,
          help: definition.help,
          type: definition.type,
          aggregator: definition.merge ?? 'sum',
          values: [...counted, ...distributed, ...(values.get(name) ?? [])],
        };
      });
    },
  };
}

function definitionOf(name: string): MetricDefinition {
  const table: Readonly<Record<string, MetricDefinition>> = metricTable;
  const definition = table[name];
  if (!definition) throw new Error(`there is no metric ${name}`);
  return definition;
}

function ensureValue<Value>(
  kept: Map<string, Map<string, LabelledValue<Value>>>,
  name: string,
  labels: Readonly<Record<string, string>>,
  create: () => Value,
): Value {
  const byLabels = kept.get(name) ?? new Map<string, LabelledValue<Value>>();
  kept.set(name, byLabels);
  const key = JSON.stringify(Object.entries(labels).sort());
  const known = byLabels.get(key);
  if (known) return known.value;
  const value = create();
  byLabels.set(key, { labels, value });
  return value;
}
