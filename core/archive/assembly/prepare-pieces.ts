import type { ChartFiles } from '../../chart/chart.ts';
import { deflateRawSync } from '../../runtime/zlib-streams.ts';
import { orderFiles } from '../chart-order.ts';
import { blockSize, isPrintableAscii, maxNameBytes, paddingOf } from '../tar-header.ts';
import { tarEntry } from '../write-archive.ts';
import { measureChart } from './assemble.ts';
import type { CodedFile } from './coded-file.ts';
import type { DeflatedPieces } from './parts.ts';
import { prepareBody, prepareCodedFile } from './prepare-body.ts';
import { fingerprintText } from './similarity.ts';

/** Files that composing may change or leave out; the body must not depend on them. */
const changeablePathPattern =
  /^(?:Chart\.yaml|values\.yaml|Chart\.lock|requirements\.yaml|requirements\.lock|charts\/.*)$/;

/** README.md stands last in the body, next to values.yaml, which repeats much of its text. */
const isReadme = (path: string): boolean => path === 'README.md';

/** Bytes of the largest file that becomes a coded file; larger ones are deflated anew in each archive. */
const maxCodedFileBytes = 1024 * 1024;

/** Deflates the files of a chart once, for all archives with the chart. */
export function preparePieces(files: ChartFiles): DeflatedPieces {
  const ordered = orderFiles(files);
  const fixed = ordered.filter(
    ([path]) => !changeablePathPattern.test(path) && path.length <= maxNameBytes && isPrintableAscii(path),
  );
  const before = prepareBody([
    ...fixed.filter(([path]) => !isReadme(path)),
    ...fixed.filter(([path]) => isReadme(path)),
  ]);
  const body = before?.body;
  const coded = new Map<string, CodedFile>();
  let gapBytes = blockSize;
  // Chart.yaml stands last: it changes in nearly every composition, and would move the files behind it.
  for (const path of ['values.yaml', 'Chart.yaml']) {
    const content = files.get(path);
    if (!content || content.length > maxCodedFileBytes) continue;
    coded.set(path, prepareCodedFile(content, before, gapBytes));
    gapBytes += content.length + paddingOf(content.length) + blockSize;
  }
  const inBody = new Set(body?.files.map(({ path }) => path));
  const loose = ordered.flatMap(([path]) => (inBody.has(path) || coded.has(path) ? [] : [path]));
  const entries = (paths: readonly string[]) =>
    Buffer.concat(
      paths.flatMap((path) => [...tarEntry(`chart/${path}`, files.get(path) ?? Buffer.alloc(0))]),
    );
  const plain = entries([...inBody, ...coded.keys()]);
  const sorted = entries(ordered.flatMap(([path]) => (loose.includes(path) ? [] : [path])));
  const streamBytes = Math.min(...[plain, sorted].map((tar) => deflateRawSync(tar, { level: 6 }).length));
  const sizes = {
    streamBytes,
    overheadBytes: 0,
    tarBytes: plain.length,
    fingerprint: fingerprintText(plain),
  };
  const pieces = { body, coded, loose, ...sizes };
  const chart = {
    folder: 'chart',
    pieces,
    coded: [...coded].flatMap(([path, file]) => {
      const content = files.get(path);
      return content ? [{ path, file, content }] : [];
    }),
  };
  return { ...pieces, overheadBytes: measureChart(chart) - streamBytes };
}

/** Estimates the bytes of memory that pieces take. */
export function memoryOfPieces({ body, coded, fingerprint }: DeflatedPieces): number {
  let size = fingerprint.head.byteLength + bytesPerSample * fingerprint.tail.size;
  for (const section of body?.sections ?? [])
    size += section.bytes.length + bytesPerHeader * section.checksums.length;
  for (const { bytes, tokens, offsets } of coded.values()) {
    size += bytes.length + tokens.byteLength + 2 * offsets.byteLength;
  }
  return size;
}

/** Bytes of memory for a header: its checksum's place, its path and its checksum's CRC factors. */
const bytesPerHeader = 400;

/** Bytes of memory for a number in a set. */
const bytesPerSample = 16;
