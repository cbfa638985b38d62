import type { Chart } from '../chart/chart.ts';
import type { Source } from '../recipe/compose-prepared.ts';
import { countDownValues } from './count-down-values.ts';

/**
 * Source that the event loop does not take, since its parsed YAML alone would block it when it comes from the thread.
 * Its charts are composed in a thread.
 */
export interface LargeSource {
  /** Bytes of its files. */
  unpacked: number;
}

/** Source as a worker has it in memory. */
export type LoadedSource = Source | LargeSource;

/**
 * Largest source for the event loop: values in its YAML files, which take 2 microseconds each to receive, and bytes of
 * values.yaml. Public charts have up to some 5,000 values.
 */
const maxSourceOnEventLoop = { values: 10_000, yaml: 512 * 1024 };

/** Checks whether a source is known by its size only. */
export function isLargeSource(source: LoadedSource): source is LargeSource {
  return !('chart' in source);
}

/** Reduces a source that is too large for the event loop to its size. */
export function reduceIfLarge(source: Source): LoadedSource {
  const { chart, prepared } = source;
  let rest = maxSourceOnEventLoop.values;
  for (const { value } of prepared.editables.values()) {
    rest = countDownValues(value, rest);
    if (rest < 0) break;
  }
  return rest < 0 || yamlBytesOf(chart) > maxSourceOnEventLoop.yaml
    ? { unpacked: unpackedSizeOf(source) }
    : source;
}

/** Sums up the bytes of values.yaml in a chart and its subcharts. */
export function yamlBytesOf({ files, subcharts }: Chart): number {
  let bytes = files.get('values.yaml')?.length ?? 0;
  for (const subchart of subcharts) bytes += yamlBytesOf(subchart);
  return bytes;
}

/** Returns the bytes of a source's files. */
export function unpackedSizeOf(source: LoadedSource): number {
  return isLargeSource(source) ? source.unpacked : sizeOf(source.chart);
}

function sizeOf({ files, subcharts }: Chart): number {
  let size = 0;
  for (const bytes of files.values()) size += bytes.length;
  for (const subchart of subcharts) size += sizeOf(subchart);
  return size;
}
