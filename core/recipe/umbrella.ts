import type { Chart } from '../chart/chart.ts';
import type { Plan } from './plan.ts';

// Files that composing edits as it edits those of a source.
const umbrellaFiles: Chart['files'] = new Map([
  ['Chart.yaml', Buffer.from('apiVersion: v2\n')],
  ['values.yaml', Buffer.alloc(0)],
]);

/** Makes the chart that stands for an umbrella's source: no templates, values or dependencies. */
export function createUmbrella({ chart: name, version }: Pick<Plan, 'chart' | 'version'>): Chart {
  return {
    name,
    version,
    manifest: { apiVersion: 'v2', name, version },
    apiVersion: 'v2',
    dependencies: [],
    values: {},
    files: umbrellaFiles,
    subcharts: [],
  };
}
