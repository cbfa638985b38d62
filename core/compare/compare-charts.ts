import { computeValues } from '../chart/compute-values.ts';
import { sanitizeForJsonb } from '../chart/sanitize-for-jsonb.ts';
import { createCompareBudget } from './budget.ts';
import { listChartsByFolder } from './chart-tree.ts';
import type { ComparedChart, ComparedPart, CompareOptions, Comparison } from './comparison.ts';
import { listDependencyChanges } from './dependency-changes.ts';
import { listFileChanges } from './file-changes.ts';
import { listKeyChanges } from './key-changes.ts';
import { listSubchartChanges } from './subchart-changes.ts';

/**
 * Compares two charts: metadata, declared dependencies, subcharts, values and files.
 * Metadata and values are those that the registry shows of a version. Equal charts and options give an equal result; its
 * size and the work for it are bounded, whatever the charts have in them.
 * @throws {RegistryError} `values.invalid` if computing the values takes too many steps
 */
export function compareCharts(from: ComparedChart, to: ComparedChart, options: CompareOptions): Comparison {
  const budget = createCompareBudget();
  const left = from.chart;
  const right = to.chart;
  const folders = { from: listChartsByFolder(left), to: listChartsByFolder(right) };
  const wants = (part: ComparedPart) => (options.only ?? part) === part;
  const lists = {
    ...(wants('metadata') && {
      metadata: listKeyChanges(
        sanitizeForJsonb(left.manifest),
        sanitizeForJsonb(right.manifest),
        options,
        budget,
      ),
    }),
    ...(wants('dependencies') && {
      dependencies: listDependencyChanges(left, right, options, budget),
    }),
    ...(wants('subcharts') && { subcharts: listSubchartChanges(folders.from, folders.to, options) }),
    ...(wants('values') && {
      values: listKeyChanges(valuesOf(from), valuesOf(to), options, budget),
    }),
    ...(wants('files') && { files: listFileChanges(folders.from, folders.to, options, budget) }),
  };
  return { from: from.version, to: to.version, truncated: budget.truncated, ...lists };
}

function valuesOf({ chart }: ComparedChart) {
  return sanitizeForJsonb(computeValues(chart).values);
}
