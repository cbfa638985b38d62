import type { ChartLimits } from '../archive/limits.ts';
import type { Config } from './settings.ts';

/** Returns the limits of charts that a configuration sets. */
export function readChartLimits(config: Config): ChartLimits {
  return {
    packed: config.limitPacked,
    unpacked: config.limitUnpacked,
    file: config.limitFile,
    entries: config.limitEntries,
  };
}
