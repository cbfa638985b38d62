import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
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

/**
 * Writes the index of a chart repository (Helm's repo.IndexFile) from rendered entries.
 * YAML has one line for each version, in flow style.
 */
export function writeIndex({ state, listing }: LoadedListing, form: IndexForm): Uint8Array<ArrayBuffer> {
  return Buffer.concat([...writers[form](listing.charts(), state.changedAt)]);
}

type Charts = Iterable<[name: string, entries: Uint8Array[]]>;

// `helm cm-push` reads the path below which the server is; the registry has none.
const serverInfo = JSON.stringify({ contextPath: '' });

const writers = { json: writeJson, yaml: writeYaml, entries: writeEntries };

function* writeJson(charts: Charts, generated: string): Generator<Uint8Array> {
  yield Buffer.from('{"apiVersion":"v1","entries":');
  yield* writeEntries(charts);
  yield Buffer.from(`,"generated":${JSON.stringify(generated)},"serverInfo":${serverInfo}}\n`);
}

function* writeEntries(charts: Charts): Generator<Uint8Array> {
  let first = true;
  yield Buffer.from('{');
  for (const [name, entries] of charts) {
    yield Buffer.from(`${first ? '' : ',\n'}${JSON.stringify(name)}:[`);
    first = false;
    for (const [index, entry] of entries.entries()) {
      if (index > 0) yield comma;
      yield entry;
    }
    yield bracket;
  }
  yield Buffer.from('}');
}

function* writeYaml(charts: Charts, generated: string): Generator<Uint8Array> {
  let first = true;
  yield Buffer.from('apiVersion: v1\nentries:');
  for (const [name, entries] of charts) {
    yield Buffer.from(`${first ? '\n' : ''}  ${JSON.stringify(name)}:\n`);
    first = false;
    for (const entry of entries) {
      yield dash;
      yield entry;
      yield lineEnd;
    }
  }
  if (first) yield Buffer.from(' {}\n');
  yield Buffer.from(`generated: ${JSON.stringify(generated)}\nserverInfo: ${serverInfo}\n`);
}

const comma = Buffer.from(',\n');
const bracket = Buffer.from(']');
const dash = Buffer.from('  - ');
const lineEnd = Buffer.from('\n');

/** Compresses an index in zlib's threads, at levels that take a few hundred milliseconds for 10 MB. */
export async function compressIndex(
  body: Uint8Array<ArrayBuffer>,
  encoding: IndexEncoding,
): Promise<Uint8Array<ArrayBuffer>> {
  if (encoding === 'identity') return body;
  const compressed = encoding === 'gzip' ? await gzipIndex(body) : await brotliIndex(body);
  return new Uint8Array(compressed);
}

const gzipIndex = (body: Uint8Array) => promisify(gzip)(body, { level: 5 });
const brotliIndex = (body: Uint8Array) =>
  promisify(brotliCompress)(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    },
  });
