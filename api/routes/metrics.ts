import { metricsType, writeMetrics } from '../../core/metrics/merge.ts';
import type { MetricSamples } from '../../core/metrics/samples.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { textContent } from '../openapi/contents.ts';
import { describeErrors } from '../schemas.ts';

/** Reads the metrics of all processes of this host. */
export type ReadProcessMetrics = () => Promise<MetricSamples[][]>;

/** Mounts `/metrics`. */
export function mountMetrics(app: App, readProcesses: ReadProcessMetrics): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/metrics',
      access: {
        anyone: 'who reaches this address may read the metrics; they have no names but those of spaces',
      },
      tags: ['Health'],
      operationId: 'getMetrics',
      summary: 'Metrics for Prometheus',
      description: 'Adds up all processes of this host.',
      request: { params: noInput, query: noInput },
      responses: {
        200: { description: 'They are.', content: textContent(metricsType) },
        ...describeErrors(403),
      },
    },
    async (c) => c.body(await writeMetrics(await readProcesses()), 200, { 'Content-Type': metricsType }),
  );
}
