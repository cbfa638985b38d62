import { getKey, isObject, type Json, type JsonObject, setKey } from '../../yaml/json.ts';
import { appendPointer } from '../../yaml/json-pointer.ts';
import type { Chart, ChartFiles } from '../chart.ts';

/** Leaf of a chart's own values. */
export interface MarkedLeaf {
  /** Files of the chart whose values.yaml has it. */
  files: ChartFiles;
  /** Pointer in that values.yaml. */
  at: string;
  value: Json;
}

/** Chart whose leaves are marks, and the leaf of each mark. */
export interface MarkedChart {
  chart: Chart;
  leaves: MarkedLeaf[];
}

/**
 * Replaces each scalar and list in a chart's values by a mark, subcharts included. A mark is a list with a number.
 * Helm's merging looks into maps and at nulls only, so marks take the ways of their values. {@link findMarkedLeaf} is for
 * the conditions and tags, which are compared with true and false.
 */
export function markValues(source: Chart): MarkedChart {
  const leaves: MarkedLeaf[] = [];
  return { chart: markChart(source, leaves), leaves };
}

function markChart(source: Chart, leaves: MarkedLeaf[]): Chart {
  const { files } = source;
  const mark = (value: Json, at: string): Json => {
    if (value === null) return null;
    if (isObject(value)) return markMap(value, at);
    leaves.push({ files, at, value });
    return [leaves.length - 1];
  };
  const markMap = (map: JsonObject, at: string): JsonObject => {
    const marked: JsonObject = {};
    for (const key of Object.keys(map))
      setKey(marked, key, mark(getKey(map, key) ?? null, appendPointer(at, key)));
    return marked;
  };
  return {
    ...source,
    values: markMap(source.values, ''),
    subcharts: source.subcharts.map((subchart) => markChart(subchart, leaves)),
  };
}

/** Finds the leaf of a mark; undefined for a map, a null, and nothing. */
export function findMarkedLeaf(
  leaves: readonly MarkedLeaf[],
  value: Json | undefined,
): MarkedLeaf | undefined {
  const number = Array.isArray(value) ? value[0] : undefined;
  return typeof number === 'number' ? leaves[number] : undefined;
}
