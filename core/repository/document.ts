import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import { byteLengthOf, type ResponseBody } from '../read-cache/body.ts';
import type { LoadedListing } from './load.ts';

/** Formats of an index. JSON is YAML too, and Helm reads it several times faster. */
export const indexFormats = ['json', 'yaml'] as const;

/** Format of an index. */
export type IndexFormat = (typeof indexFormats)[number];

/** Format of an index, or `entries` for its entries alone as JSON, which ChartMuseum serves. */
export type IndexForm = IndexFormat | 'entries';

/** Content encodings of an index. */
export const indexEncodings = ['identity', 'gzip', 'br'] as const;

/** Content encoding of an index. */
export type IndexEncoding = (typeof indexEncodings)[number];

// `helm cm-push` reads the path below which the server is; the registry has none.
const serverInfo = JSON.stringify({ contextPath: '' });

/**
 * Writes the index of a chart repository (Helm's repo.IndexFile) from rendered entries.
 * YAML has one line for each version, in flow style. The pieces of the entries are those of the listing.
 */
export function writeIndex({ state, listing }: LoadedListing, form: IndexForm): ResponseBody {
  const entries = listing.write(form === 'yaml' ? 'yaml' : 'json');
  const [before, after] = indexFrameWriters[form](JSON.stringify(state.changedAt), entries.length === 0);
  const pieces = [Buffer.from(before), ...entries, Buffer.from(after)];
  return byteLengthOf(pieces) > maxSinglePieceBytes ? pieces : Buffer.concat(pieces);
}

/** Largest index in bytes that is sent as a single piece: small ones are faster so. */
const maxSinglePieceBytes = 256 * 1024;

const indexFrameWriters: Record<IndexForm, (generated: string, isEmpty: boolean) => [string, string]> = {
  json: (generated) => [
    '{"apiVersion":"v1","entries":{',
    `},"generated":${generated},"serverInfo":${serverInfo}}\n`,
  ],
  yaml: (generated, isEmpty) => [
    `apiVersion: v1\nentries:${isEmpty ? ' {}' : ''}\n`,
    `generated: ${generated}\nserverInfo: ${serverInfo}\n`,
  ],
  entries: () => ['{', '}'],
};

/** Compresses an index in zlib's threads. The levels take a few hundred milliseconds for 10 MB. */
export async function compressIndex(
  pieces: readonly Uint8Array[],
  encoding: Exclude<IndexEncoding, 'identity'>,
): Promise<Uint8Array<ArrayBuffer>> {
  const compressor = encoding === 'gzip' ? createGzip({ level: 5, chunkSize }) : createBrotli(pieces);
  // `buffer` collects while the pipeline writes; both fail together.
  const [compressed] = await Promise.all([
    buffer(compressor),
    pipeline(Readable.from(pieces, { objectMode: false }), compressor),
  ]);
  return new Uint8Array(compressed);
}

/** Bytes of the compressor's output buffers. */
const chunkSize = 128 * 1024;

const createBrotli = (pieces: readonly Uint8Array[]) =>
  createBrotliCompress({
    chunkSize,
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_SIZE_HINT]: byteLengthOf(pieces),
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    },
  });
