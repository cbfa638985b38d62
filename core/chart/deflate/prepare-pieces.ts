import { deflateRawSync } from 'node:zlib';
import { tarEntry } from '../archive-write.ts';
import type { Chart } from '../chart.ts';
import { compareBytes } from '../chart-order.ts';
import { splitPath } from '../tar-header.ts';
import type { ArchiveFile, ReadyFile } from './arrange.ts';
import { measureEntries } from './assemble.ts';
import { farthest } from './header-block.ts';
import { deflateChunks, deflateRun, type Piece, type Run } from './pieces.ts';

/** Which files of a chart composing may change or leave out, so that nothing is to depend on them. */
const variable = /^(?:Chart\.yaml|Chart\.lock|requirements\.yaml|requirements\.lock|charts\/.*)$/;

/** A chart whose pieces would cost more than this has so small files that it is left to one stream. */
const mostLoss = 0.05;

/** The file that is spliced. */
const spliced = 'values.yaml';

/**
 * Deflates what archives made of a chart have in common, by the very buffers of its files; not of the charts inside it.
 * There are none of a small chart, which is deflated afresh as quickly.
 */
export function preparePieces({ name, files }: Chart): Map<Buffer, Piece> {
  const values = files.get(spliced);
  const fixed = [...files]
    .filter(([path]) => path !== spliced && !variable.test(path))
    .sort(([left, a], [right, b]) => b.length - a.length || compareBytes(left, right));
  const ordered: ArchiveFile[] = values ? [[spliced, values], ...fixed] : fixed;
  const plain = Buffer.concat(
    ordered.flatMap(([path, content]) => [...tarEntry(`${name}/${path}`, content)]),
  );
  if (plain.length < farthest) return new Map();
  const run: Run = { chunks: 0, loss: 0, size: 0, whole: deflateRawSync(plain, { level: 6 }).length };
  const pieces = deflateRun(
    fixed.map(([, content]) => content),
    run,
  );
  if (values) pieces.set(values, deflateChunks(values, run));
  run.loss = Math.max(0, measureEntries(entriesOf(name, ordered, pieces)) - run.whole);
  return run.loss > mostLoss * run.whole ? new Map() : pieces;
}

/** As they would stand in an archive. */
function entriesOf(
  name: string,
  files: readonly ArchiveFile[],
  pieces: ReadonlyMap<Buffer, Piece>,
): ReadyFile[] {
  return files.flatMap((file) => {
    const piece = pieces.get(file[1]);
    const header = splitPath(`${name}/${file[0]}`);
    return piece && header ? [{ file, header, piece }] : [];
  });
}
