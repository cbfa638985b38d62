import { z } from 'zod';

const sampleShape = z.object({
  labels: z.record(z.string(), z.union([z.string(), z.number()])),
  value: z.number(),
  metricName: z.string().optional(),
});

/** Value of a metric with its labels. `metricName` where it differs, as for the buckets of a histogram. */
export type Sample = z.infer<typeof sampleShape>;

/** Schema of the metrics that a process tells another one. */
export const metricSamplesShape = z.array(
  z.object({
    name: z.string(),
    help: z.string(),
    type: z.enum(['counter', 'gauge', 'histogram']),
    aggregator: z.enum(['sum', 'max', 'min', 'first']),
    values: z.array(sampleShape),
  }),
);

/** Metric with its values, in the form in which prom-client merges them. */
export type MetricSamples = z.infer<typeof metricSamplesShape>[number];
