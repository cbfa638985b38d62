import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { LoadedListing } from './load.ts';

/** How an index is written: JSON is YAML too, and Helm reads it several times faster. */
export const indexFormats = ['json', 'yaml'] as const;
export type IndexFormat = (typeof indexFormats)[number];

/** An index, or its entries alone, which ChartMuseum gives as JSON. */
export type IndexForm = IndexFormat | 'entries';

/** How it is packed for the way. */
export const indexEncodings = ['identity', 'gzip', 'br'] as const;
export type IndexEncoding = (typeof indexEncodings)[number];

/**
 * The index of a chart repository (Helm's repo.IndexFile), put together from entries that are there as bytes. As YAML it
 * has a line for each version, in flow style.
 */
export function writeIndex({ state, listing }: LoadedListing, form: IndexForm): Uint8Array<ArrayBuffer> {
  return Buffer.concat([...writers[form](listing.charts(), state.changedAt)]);
}

type Charts = Iterable<[name: string, entries: Uint8Array[]]>;

// `helm cm-push` wants to know below which path the server is: none.
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

/** Packs it in zlib's threads, as tightly as is done in the time of a few hundred milliseconds for 10 MB. */
export async function compressIndex(
  body: Uint8Array<ArrayBuffer>,
  encoding: IndexEncoding,
): Promise<Uint8Array<ArrayBuffer>> {
  if (encoding === 'identity') return body;
  const packed = encoding === 'gzip' ? await gzipIndex(body) : await brotliIndex(body);
  return new Uint8Array(packed);
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
