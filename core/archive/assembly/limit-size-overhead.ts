import { windowSize } from './header-block.ts';
import type { PreparedChart } from './parts.ts';
import { sharedFraction } from './similarity.ts';
import { maxLiterals } from './write-edited.ts';

/** Largest estimated overhead, as a part of the size in one stream; 0.03 is promised, the rest covers errors. */
const maxOverhead = 0.026;

/** Bytes lost for each inserted byte that is written as a literal. */
const overheadPerLiteral = 0.25;

/** Bytes lost for an insert that is deflated, because the Huffman tables of the file are repeated behind it. */
const overheadOfCodes = 200;

/**
 * Selects the charts to write from pieces. The archive stays nearly as small as one stream. Drops the charts with the
 * largest overhead for their size first.
 */
export function limitSizeOverhead<T extends PreparedChart>(charts: readonly T[]): T[] {
  const costs = charts.map((chart, index) => ({
    chart,
    overhead: overheadOf(chart) + lostCopies(charts, index),
  }));
  let streamBytes = 0;
  let overhead = 0;
  for (const cost of costs) {
    streamBytes += cost.chart.pieces.streamBytes;
    overhead += cost.overhead;
  }
  costs.sort(
    (left, right) =>
      left.overhead * right.chart.pieces.streamBytes - right.overhead * left.chart.pieces.streamBytes,
  );
  while (costs.length > 0 && overhead > maxOverhead * streamBytes) {
    const costliest = costs.pop();
    overhead -= costliest?.overhead ?? 0;
    streamBytes -= costliest?.chart.pieces.streamBytes ?? 0;
  }
  return costs.map(({ chart }) => chart);
}

/** Estimates the bytes that one stream would save at a chart's begin by copies from the charts before it. */
function lostCopies(charts: readonly PreparedChart[], index: number): number {
  const pieces = charts[index]?.pieces;
  if (!pieces) return 0;
  let fraction = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const before = charts[at]?.pieces;
    if (!before) break;
    fraction = Math.max(fraction, sharedFraction(before.fingerprint, pieces.fingerprint));
    if (before.tarBytes >= windowSize) break;
  }
  const beginBytes = pieces.streamBytes * Math.min(1, windowSize / Math.max(1, pieces.tarBytes));
  // Coefficients measured on pairs of charts that are alike in everything, in much, and in little.
  return index === 0 ? 0 : beginBytes * (0.02 + 0.55 * fraction + 0.4 * fraction * fraction);
}

function overheadOf({ pieces, coded }: PreparedChart): number {
  let overhead = pieces.overheadBytes;
  for (const { edit } of coded) {
    for (const { bytes } of edit?.splices ?? []) {
      overhead += bytes.length > maxLiterals ? overheadOfCodes : overheadPerLiteral * bytes.length;
    }
  }
  return overhead;
}
