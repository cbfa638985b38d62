import type { PreparedChart } from './arrange.ts';
import { windowSize } from './header-block.ts';
import { sharedFraction } from './similarity.ts';
import { maxLiterals } from './write-edited.ts';

/** Of the bytes that all files take in one stream, pieces may cost so much more, of 0.03 promised. */
const maxOverhead = 0.026;

/** What is new takes more where it is not deflated, and codes stand again behind what is. */
const overheadPerLiteral = 0.25;
const overheadOfCodes = 200;

/** Leaves out those charts first that cost most for their size, until the rest costs little enough. */
export function limitSizeOverhead<T extends PreparedChart>(charts: readonly T[]): T[] {
  const costs = charts.map((chart, index) => ({ chart, loss: overheadOf(chart) + lostCopies(charts, index) }));
  let whole = 0;
  let loss = 0;
  for (const cost of costs) {
    whole += cost.chart.pieces.whole;
    loss += cost.loss;
  }
  costs.sort((left, right) => left.loss * right.chart.pieces.whole - right.loss * left.chart.pieces.whole);
  while (costs.length > 0 && loss > maxOverhead * whole) {
    const costliest = costs.pop();
    loss -= costliest?.loss ?? 0;
    whole -= costliest?.chart.pieces.whole ?? 0;
  }
  return costs.map(({ chart }) => chart);
}

/** Bytes that the begin of a chart would save in one stream, by copies from the charts before it, about. */
function lostCopies(charts: readonly PreparedChart[], index: number): number {
  const pieces = charts[index]?.pieces;
  if (!pieces) return 0;
  let share = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const before = charts[at]?.pieces;
    if (!before) break;
    share = Math.max(share, sharedFraction(before.sketch, pieces.sketch));
    if (before.size >= windowSize) break;
  }
  const begin = pieces.whole * Math.min(1, windowSize / Math.max(1, pieces.size));
  // As measured on charts that are alike in all, in much, and in little.
  return index === 0 ? 0 : begin * (0.02 + 0.55 * share + 0.4 * share * share);
}

function overheadOf({ pieces, coded }: PreparedChart): number {
  let loss = pieces.loss;
  for (const { edit } of coded) {
    for (const { bytes } of edit?.splices ?? []) {
      loss += bytes.length > maxLiterals ? overheadOfCodes : overheadPerLiteral * bytes.length;
    }
  }
  return loss;
}
