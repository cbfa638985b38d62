import type { Chart } from '../chart/chart.ts';
import { computeValues } from '../chart/compute-values.ts';
import { findValueAt } from '../chart/enabled-charts.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import { checkComputed, type ReadSchemaFile } from './check-values.ts';

/**
 * Validates a chart's values against its schema and those of its subcharts, as Helm does.
 * The chart's values.yaml is the body of a request. An error's pointer leads into that body as far as the body has
 * the path: to a value of its own, or to the map that lacks one which a subchart's defaults have.
 *
 * @returns messages about parts of schemas that were not checked
 * @throws {RegistryError} `values.invalid`, `schema.invalid`
 */
export function checkBodyValues(chart: Chart, read?: ReadSchemaFile): string[] {
  return checkComputed(
    chart.name,
    computeValues(chart),
    (path) => {
      let end = path.length;
      while (end > 0 && findValueAt(chart.values, path.slice(0, end)) === undefined) end -= 1;
      return path.slice(0, end).reduce<string>(appendPointer, '');
    },
    read,
  );
}
