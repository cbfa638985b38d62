import { AggregatorRegistry } from 'prom-client';
import { type MetricSamples, metricSamplesShape } from './samples.ts';

/** Media type of the text. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

/** Writes the metrics of several processes as one, in the text format of Prometheus. */
export function writeMetrics(processes: readonly MetricSamples[][]): Promise<string> {
  return AggregatorRegistry.aggregate([...processes]).metrics();
}

/** Merges the counters of processes that have ended. A counter of the host never goes down while it runs. */
export async function mergeEndedCounters(processes: readonly MetricSamples[][]): Promise<MetricSamples[]> {
  const counters = processes.map((metrics) => metrics.filter(({ type }) => type !== 'gauge'));
  const merged = await AggregatorRegistry.aggregate(counters).getMetricsAsJSON();
  return metricSamplesShape.parse(merged);
}
