import { constants } from 'node:zlib';
import { deflateRaw, deflateRawSync } from '../../runtime/zlib-streams.ts';
import { blockSize } from '../tar-header.ts';
import { tarEntry } from '../write-archive.ts';
import { windowSize } from './header-block.ts';
import { type ArchiveFile, filesOfPrepared, type PreparedPart } from './parts.ts';

const settings = { level: 6, finishFlush: constants.Z_SYNC_FLUSH };

/** Bytes deflated on the event loop, some milliseconds' worth; more goes to zlib's thread pool. */
const maxSyncBytes = 65_536;

/**
 * Deflates the files that stand behind the prepared charts of an archive.
 * The end of those charts is the dictionary, so that the files can copy from it.
 */
export async function deflateFresh(
  folder: string,
  files: readonly ArchiveFile[],
  prepared: readonly PreparedPart[],
): Promise<{ plain: Buffer; bytes: Buffer }> {
  const plain = tarEntriesOf(folder, files);
  if (plain.length === 0) return { plain, bytes: plain };
  const dictionary = lastBytesOfCharts(prepared, folder);
  const options = { ...settings, ...(dictionary.length > 0 && { dictionary }) };
  const bytes =
    plain.length > maxSyncBytes ? await deflateRaw(plain, options) : deflateRawSync(plain, options);
  return { plain, bytes };
}

function tarEntriesOf(folder: string, files: readonly ArchiveFile[]): Buffer {
  return Buffer.concat(files.flatMap(([path, content]) => [...tarEntry(`${folder}/${path}`, content)]));
}

/** Returns the last bytes of the charts' tar entries, one deflate window at most. */
function lastBytesOfCharts(charts: readonly PreparedPart[], folder: string): Buffer {
  const files: ArchiveFile[] = [];
  let bytes = 0;
  for (const chart of charts.toReversed()) {
    for (const file of filesOfPrepared(chart).reverse()) {
      if (bytes >= windowSize) break;
      files.unshift(file);
      bytes += blockSize + file[1].length;
    }
  }
  return tarEntriesOf(folder, files).subarray(-windowSize);
}
