import { isObject, type Json } from '../../yaml/json.ts';
import { appendPointer } from '../../yaml/json-pointer.ts';
import type { ChartFiles } from '../chart.ts';
import { type EnabledChart, findValueAt } from '../enabled-charts.ts';

/** Chart and place that have an empty map or a null. */
export interface EmptyValueOrigin {
  files: ChartFiles;
  at: string;
}

/**
 * Finds the chart that set an empty map or a null. Empty maps and nulls cannot carry a mark. The charts on the way to
 * the place are searched from the root down, as Helm prefers their values. For a global, the charts above it are
 * searched too. A map that nulls have emptied counts as empty.
 * @param root charts as they are rendered, under their aliases
 * @returns undefined where no chart has such a value there
 */
export function findEmptyValueOrigin(
  root: EnabledChart,
  path: readonly string[],
  value: Json,
): EmptyValueOrigin | undefined {
  const isAlike = (found: Json | undefined) => (value === null ? found === null : isObject(found));
  const above: EnabledChart[] = [];
  let chart: EnabledChart | undefined = root;
  for (let depth = 0; chart; depth += 1) {
    const rest = path.slice(depth);
    above.push(chart);
    const candidates = rest[0] === 'global' ? above : [chart];
    for (const { values, files } of candidates)
      if (isAlike(findValueAt(values, rest))) return { files, at: rest.reduce(appendPointer, '') };
    const [next] = rest;
    chart = chart.subcharts.find(({ name }) => name === next);
  }
  return undefined;
}
