import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Loaded } from './load.ts';

/** How an index is written: JSON is YAML too, and Helm reads it several times faster. */
export const indexFormats = ['json', 'yaml'] as const;
export type IndexFormat = (typeof indexFormats)[number];

/** How it is packed for the way. */
export const indexEncodings = ['identity', 'gzip', 'br'] as const;
export type IndexEncoding = (typeof indexEncodings)[number];

/**
 * The index of a chart repository (Helm's repo.IndexFile), put together from entries that are there as text. As YAML it
 * has a line for each version, in flow style.
 */
export function writeIndex({ state, listing }: Loaded, format: IndexFormat): Uint8Array<ArrayBuffer> {
  // `helm cm-push` wants to know below which path the server is: none.
  const tail = { generated: state.changedAt, serverInfo: { contextPath: '' } };
  const parts: string[] = [];
  if (format === 'json') {
    for (const [name, entries] of listing.charts())
      parts.push(`${JSON.stringify(name)}:[${entries.join(',\n')}]`);
    return encode(`{"apiVersion":"v1","entries":{${parts.join(',\n')}},${JSON.stringify(tail).slice(1)}\n`);
  }
  for (const [name, entries] of listing.charts())
    parts.push(`  ${JSON.stringify(name)}:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`);
  const body = parts.length === 0 ? 'entries: {}\n' : `entries:\n${parts.join('')}`;
  const { generated, serverInfo } = tail;
  return encode(
    `apiVersion: v1\n${body}generated: ${JSON.stringify(generated)}\nserverInfo: ${JSON.stringify(serverInfo)}\n`,
  );
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Packs it in zlib's threads, as tightly as is done in the time of a few hundred milliseconds for 10 MB. */
export async function packIndex(
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
