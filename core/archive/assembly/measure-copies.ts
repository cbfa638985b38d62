import type { ChartFiles } from '../../chart/chart.ts';
import { deflateRawSync } from '../../runtime/zlib-streams.ts';
import { tarEntry } from '../write-archive.ts';
import { windowSize } from './header-block.ts';
import type { PreparedPart } from './parts.ts';
import type { Fingerprint } from './similarity.ts';

/**
 * Measures the bytes that one stream would save at a chart's start. Copies from the chart before it save them. Deflates
 * the start twice, some two milliseconds, so results are cached. They depend on the two sources alone: what a recipe
 * changes in them must not decide differently, depending on which recipe came first.
 */
export function measureSavedBytes(before: PreparedPart, chart: PreparedPart): number {
  const { fingerprint } = chart.pieces;
  const cached = fingerprint.saved?.get(before.pieces.fingerprint);
  if (cached !== undefined) return cached;
  const begin = firstBytesOfChart(chart);
  const saved =
    deflateRawSync(begin).length - deflateRawSync(begin, { dictionary: lastBytesOfChart(before) }).length;
  return rememberSavedBytes(fingerprint, before.pieces.fingerprint, Math.max(0, saved));
}

function rememberSavedBytes(fingerprint: Fingerprint, before: Fingerprint, saved: number): number {
  fingerprint.saved ??= new WeakMap();
  fingerprint.saved.set(before, saved);
  return saved;
}

/** Returns the first bytes of a chart's tar entries, one deflate window at most. */
function firstBytesOfChart({ pieces, part: { source } }: PreparedPart): Buffer {
  const blocks: Buffer[] = [];
  let bytes = 0;
  for (const path of pathsOf(pieces)) {
    if (bytes >= windowSize) break;
    for (const block of tarEntryOf(source, path)) {
      blocks.push(block.subarray(0, windowSize));
      bytes += block.length;
    }
  }
  return Buffer.concat(blocks).subarray(0, windowSize);
}

/** Returns the last bytes of a chart's tar entries, one deflate window at most. */
function lastBytesOfChart({ pieces, part: { source } }: PreparedPart): Buffer {
  const blocks: Buffer[] = [];
  let bytes = 0;
  for (const path of pathsOf(pieces).reverse()) {
    if (bytes >= windowSize) break;
    for (const block of [...tarEntryOf(source, path)].reverse()) {
      blocks.unshift(block.subarray(-windowSize));
      bytes += block.length;
    }
  }
  return Buffer.concat(blocks).subarray(-windowSize);
}

/** Lists the files of a chart's pieces in the order of the archive. */
function pathsOf({ body, coded }: PreparedPart['pieces']): string[] {
  return [...(body?.files ?? []).map(({ path }) => path), ...coded.keys()];
}

/** Yields the blocks of a source's file as it is; no folder of a recipe must count. Large files are not copied. */
function tarEntryOf(source: ChartFiles, path: string): Iterable<Buffer> {
  return tarEntry(`chart/${path}`, source.get(path) ?? Buffer.alloc(0));
}
