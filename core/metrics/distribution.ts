import type { Sample } from './samples.ts';

/** Histogram of one set of labels. */
export interface Distribution {
  observe(value: number): void;
  /** Returns its samples: cumulative buckets, sum and count. @param name full name of the metric */
  samples(name: string, labels: Readonly<Record<string, string>>): Sample[];
}

/**
 * Creates a histogram without values.
 * @param bounds upper bounds of its buckets, ascending
 */
export function createDistribution(bounds: readonly number[]): Distribution {
  /** Observations of each bucket alone; the last is of those above all bounds. */
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;

  return {
    observe(value) {
      let bucket = 0;
      while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      sum += value;
    },
    samples(name, labels) {
      let below = 0;
      const buckets = [...counts].map((count, bucket) => {
        below += count;
        const le = bounds[bucket] ?? '+Inf';
        return { labels: { ...labels, le }, value: below, metricName: `${name}_bucket` };
      });
      return [
        ...buckets,
        { labels, value: sum, metricName: `${name}_sum` },
        { labels, value: below, metricName: `${name}_count` },
      ];
    },
  };
}
