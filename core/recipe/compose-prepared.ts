import { type Arrangement, arrangeArchive, assembleArchive } from '../archive/assembly/index.ts';
import type { ChartLimits } from '../archive/limits.ts';
import { readableOf } from '../blobs/content.ts';
import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import { mergePrepared, type PreparedCharts } from '../chart/prepare.ts';
import { type ChartSummary, summarizeArchive, summarizeChart } from '../chart/read-chart.ts';
import { RegistryError } from '../errors.ts';
import { createEditor } from '../yaml/edit/editor.ts';
import { collectParts, listPartFiles } from './compose.ts';
import { composeParts } from './compose-files.ts';
import { composeTreeWithSourceValues } from './compose-tree.ts';
import { definitelyFits } from './definitely-fits.ts';
import { definitelyReadable } from './definitely-readable.ts';
import { listLostComments } from './lost-comments.ts';
import type { Plan } from './plan.ts';
import { resolveTree } from './resolve-tree.ts';
import type { Warning } from './warning.ts';

/** A stored chart, read and prepared once for all compositions that use it. */
export interface Source {
  chart: Chart;
  prepared: PreparedCharts;
}

/** A composed and packed chart. */
export interface ComposedArchive {
  archive: Buffer;
  /** Order and encoding of the files in the archive. */
  arrangement: Arrangement;
  /** Warnings that only composing finds: lost comments. */
  warnings: Warning[];
  /**
   * Describes the archive as `summarizeArchive` does, if possible without reading it. Values and `valuesMajors`, which is
   * about them, are then left out: their first reader computes them.
   * @throws {RegistryError} as `summarizeArchive` does, if the archive is larger than the registry reads
   */
  inspect(): Promise<ChartSummary>;
}

/**
 * Composes and packs a chart out of prepared sources.
 * The files are those of `composePlan` in another order; unchanged data is neither read nor deflated again.
 * Deterministic, so composing again after a crash stores the same blob.
 *
 * @throws {RegistryError} as `composeFiles` does, and `archive.tooLarge` if the archive is too large.
 */
export async function composePrepared(
  plan: Plan,
  sources: ReadonlyMap<Digest, Source>,
  limits: ChartLimits,
): Promise<ComposedArchive> {
  const prepared = mergePrepared([...sources.values()].map((source) => source.prepared));
  const charts = new Map([...sources].map(([digest, { chart }]) => [digest, chart]));
  const editor = createEditor(prepared);
  const root = resolveTree(plan, charts);
  const parts = collectParts(composeParts(root, plan, editor), plan.chart, limits);
  const arrangement = arrangeArchive(plan.chart, parts, { pieces: prepared.pieces, edits: editor.edits });
  // listFiles throws if the limits are really passed.
  if (!definitelyFits(arrangement, limits)) listPartFiles(plan.chart, parts, limits);
  const archive = await assembleArchive(arrangement);
  if (archive.length > limits.packed) {
    throw new RegistryError(
      'archive.tooLarge',
      `the composed chart is too large: its archive would have more bytes than the ${limits.packed} that are allowed. Take fewer or smaller sources, or have the operator raise LIMIT_PACKED`,
    );
  }
  return {
    archive,
    arrangement,
    warnings: editor.lost.size > 0 ? listLostComments(root, parts, editor) : [],
    async inspect() {
      // The summary has no values, so the recipe's configuration does not matter.
      const tree = composeTreeWithSourceValues(root, plan, undefined);
      if (definitelyReadable(tree, parts, editor)) return summarizeChart(tree, { values: false });
      return summarizeArchive(readableOf(archive), limits);
    },
  };
}
