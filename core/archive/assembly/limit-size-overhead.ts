import { windowSize } from './header-block.ts';
import { measureSavedBytes } from './measure-copies.ts';
import type { PreparedChart, PreparedPart } from './parts.ts';
import { countRemovedCopyBytes } from './removed-copies.ts';
import { sharedFraction } from './similarity.ts';
import { maxLiteralInsertBytes } from './write-edited.ts';

/** Largest estimated overhead, as a part of the size in one stream; 0.03 is promised, the rest covers errors. */
const maxOverheadFraction = 0.026;

/** Bytes lost for each inserted byte that is written as a literal. */
const overheadPerLiteral = 0.25;

/** Bytes lost for an insert that is deflated, because the Huffman tables of the file are repeated behind it. */
const overheadPerDeflatedInsert = 200;

/** Bytes lost for each byte of a copy whose source an edit removes. */
const overheadPerRemovedCopyByte = 0.8;

/** Largest number of charts whose copies are measured: more would keep the event loop for too long. */
const maxMeasuredCharts = 8;

/** Largest number of rounds in which charts are dropped; where these do not suffice, all charts are deflated anew. */
const maxRounds = 8;

/**
 * Selects the charts to write from pieces. The archive stays nearly as small as one stream. Copies between charts are
 * estimated first. Charts with many short texts in common are often estimated as too costly. So where the estimate
 * leaves a chart out, the copies are measured, which takes less time than deflating it anew.
 */
export function limitSizeOverhead(charts: readonly PreparedPart[]): readonly PreparedPart[] {
  const estimated = dropUntilFitting(charts, estimateLostCopies);
  if (estimated.length === charts.length || charts.length > maxMeasuredCharts) return estimated;
  return dropUntilFitting(charts, measureLostCopies);
}

/**
 * Drops charts until the overhead fits, those with the largest overhead for their size first.
 * A chart then stands behind another one, from which one stream would copy, so the overhead is computed again.
 */
function dropUntilFitting(
  charts: readonly PreparedPart[],
  lost: typeof estimateLostCopies,
): readonly PreparedPart[] {
  let kept = charts;
  for (let round = 0; round < maxRounds; round += 1) {
    const fitting = new Set(dropCostliestCharts(kept, lost));
    if (fitting.size === kept.length) return kept;
    kept = kept.filter((chart) => fitting.has(chart));
  }
  return [];
}

function dropCostliestCharts(
  charts: readonly PreparedPart[],
  lost: typeof estimateLostCopies,
): PreparedPart[] {
  const costs = charts.map((chart, index) => ({
    chart,
    overhead: overheadOf(chart) + lost(charts, index),
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
  while (costs.length > 0 && overhead > maxOverheadFraction * streamBytes) {
    const costliest = costs.pop();
    overhead -= costliest?.overhead ?? 0;
    streamBytes -= costliest?.chart.pieces.streamBytes ?? 0;
  }
  return costs.map(({ chart }) => chart);
}

/** Measures the bytes that one stream would save at a chart's start; copies from several charts count as if all could be. */
function measureLostCopies(charts: readonly PreparedPart[], index: number): number {
  const chart = charts[index];
  let saved = 0;
  let reach = 0;
  for (let at = index - 1; chart && at >= 0 && reach < windowSize; at -= 1) {
    const before = charts[at];
    if (!before) break;
    saved += measureSavedBytes(before, chart);
    reach += before.pieces.tarBytes;
  }
  return saved;
}

/** Estimates the bytes that one stream would save at a chart's start by copies from the charts before it. */
function estimateLostCopies(charts: readonly PreparedPart[], index: number): number {
  const pieces = charts[index]?.pieces;
  if (!pieces) return 0;
  let fraction = 0;
  let reach = 0;
  for (let at = index - 1; at >= 0 && reach < windowSize; at -= 1) {
    const before = charts[at]?.pieces;
    if (!before) break;
    fraction = Math.max(fraction, sharedFraction(before.fingerprint, pieces.fingerprint));
    reach += before.tarBytes;
  }
  const beginBytes = pieces.streamBytes * Math.min(1, windowSize / Math.max(1, pieces.tarBytes));
  // Coefficients measured on pairs of charts that are alike in everything, in much, and in little.
  return index === 0 ? 0 : beginBytes * (0.02 + 0.55 * fraction + 0.4 * fraction * fraction);
}

function overheadOf({ pieces, coded }: PreparedChart): number {
  let overhead = pieces.overheadBytes;
  for (const { file, edit } of coded) {
    if (edit) overhead += overheadPerRemovedCopyByte * countRemovedCopyBytes(file, edit.splices);
    for (const { bytes } of edit?.splices ?? []) {
      overhead +=
        bytes.length > maxLiteralInsertBytes ? overheadPerDeflatedInsert : overheadPerLiteral * bytes.length;
    }
  }
  return overhead;
}
