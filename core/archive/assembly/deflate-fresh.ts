import { promisify } from 'node:util';
import { constants, deflateRaw, deflateRawSync } from 'node:zlib';
import { blockSize } from '../tar-header.ts';
import { tarEntry } from '../write-archive.ts';
import { type ArchiveFile, filesOfPrepared, type PreparedPart } from './arrange.ts';
import { windowSize } from './header-block.ts';

const deflate = promisify(deflateRaw);

const settings = { level: 6, finishFlush: constants.Z_SYNC_FLUSH };

/** Bytes that are deflated at once: a few milliseconds' worth; more is done beside the event loop. */
const maxSyncBytes = 65_536;

/** Files that stand behind what was deflated before, and may copy from it. */
export async function deflateFresh(
  folder: string,
  files: readonly ArchiveFile[],
  ready: readonly PreparedPart[],
): Promise<{ plain: Buffer; bytes: Buffer }> {
  const plain = entriesOf(folder, files);
  if (plain.length === 0) return { plain, bytes: plain };
  const before = lastOf(ready, folder);
  const options = { ...settings, ...(before.length > 0 && { dictionary: before }) };
  const bytes = plain.length > maxSyncBytes ? await deflate(plain, options) : deflateRawSync(plain, options);
  return { plain, bytes };
}

function entriesOf(folder: string, files: readonly ArchiveFile[]): Buffer {
  return Buffer.concat(files.flatMap(([path, content]) => [...tarEntry(`${folder}/${path}`, content)]));
}

/** The end of what stands in charts, as far as deflate reaches back. */
function lastOf(charts: readonly PreparedPart[], folder: string): Buffer {
  const files: ArchiveFile[] = [];
  let bytes = 0;
  for (const chart of charts.toReversed()) {
    for (const file of filesOfPrepared(chart).reverse()) {
      if (bytes >= windowSize) break;
      files.unshift(file);
      bytes += blockSize + file[1].length;
    }
  }
  return entriesOf(folder, files).subarray(-windowSize);
}
