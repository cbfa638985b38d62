import type { Chart } from '../chart/chart.ts';
import { findPath } from '../chart/enabled-charts.ts';
import { checkTree, type ReadSchema } from './check-values.ts';
import { appendPointer } from './pointer.ts';

/**
 * Checks a chart whose values.yaml is the body of a request against its schema and those of the charts inside, as Helm
 * does when it renders.
 *
 * @returns what could not be checked, for people
 * @throws {RegistryError} `values.invalid`, `schema.invalid`; their pointers lead into the body as far as it goes: to a
 *   value of its own, or to the map that lacks one which a subchart's defaults have
 */
export function checkBodyValues(chart: Chart, read?: ReadSchema): string[] {
  return checkTree(
    chart,
    (path) => {
      let end = path.length;
      while (end > 0 && findPath(chart.values, path.slice(0, end)) === undefined) end -= 1;
      return path.slice(0, end).reduce<string>(appendPointer, '');
    },
    read,
  );
}
