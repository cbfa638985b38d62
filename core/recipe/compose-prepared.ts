import { readableOf } from '../blobs/content.ts';
import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import { arrangeArchive } from '../chart/deflate/arrange.ts';
import { assembleArchive } from '../chart/deflate/assemble.ts';
import { createEditor } from '../chart/editor.ts';
import type { ChartLimits } from '../chart/limits.ts';
import { mergePrepared, type Prepared } from '../chart/prepare.ts';
import { type ChartSummary, inspectChart, summarizeChart } from '../chart/read-chart.ts';
import { RegistryError } from '../errors.ts';
import { composeChart } from './compose.ts';
import { composeTree } from './compose-tree.ts';
import { isSurelyReadable } from './judge-reading.ts';
import type { Plan } from './plan.ts';
import { resolveTree } from './resolve-tree.ts';

/** A stored chart, read and prepared once for all that is composed of it. */
export interface Source {
  chart: Chart;
  prepared: Prepared;
}

/** A composed chart, packed. */
export interface Composed {
  archive: Buffer;
  /**
   * What `inspectChart` says of the archive, without reading it where that can be; then the values are left out.
   * @throws {RegistryError} as `inspectChart` does: it is more than anybody could read again
   */
  inspect(): Promise<ChartSummary>;
}

/**
 * Composes and packs, as `composeArchive` does, out of what was prepared: the same files, in an order of its own, without
 * reading or deflating what does not change. Deterministic, so composing again after a crash stores the same blob.
 *
 * @throws {RegistryError} as `composeChart` does, and `archive.tooLarge` when the archive is.
 */
export async function composePrepared(
  plan: Plan,
  sources: ReadonlyMap<Digest, Source>,
  limits: ChartLimits,
): Promise<Composed> {
  const prepared = mergePrepared([...sources.values()].map((source) => source.prepared));
  const charts = new Map([...sources].map(([digest, { chart }]) => [digest, chart]));
  const editor = createEditor(prepared);
  const { folder, files } = composeChart(plan, charts, limits, editor);
  const { pieces } = prepared;
  const archive = await assembleArchive(arrangeArchive(folder, files, { pieces, edits: editor.edits }));
  if (archive.length > limits.packed) {
    throw new RegistryError(
      'archive.tooLarge',
      `the composed chart is too large: its archive would have more bytes than the ${limits.packed} that are allowed`,
    );
  }
  return {
    archive,
    async inspect() {
      const tree = composeTree(resolveTree(plan, charts), plan);
      if (isSurelyReadable(tree, files, editor)) return summarizeChart(tree, { values: false });
      return inspectChart(readableOf(archive), limits);
    },
  };
}
