import { deflateRawSync } from 'node:zlib';
import type { ChartFiles } from '../../chart/chart.ts';
import { orderFiles } from '../chart-order.ts';
import { blockSize, isPlain, maxName, paddingOf } from '../tar-header.ts';
import { tarEntry } from '../write-archive.ts';
import { measureChart } from './assemble.ts';
import type { Body } from './body.ts';
import type { CodedFile } from './coded-file.ts';
import { prepareBody, prepareFile } from './prepare-body.ts';
import { type Fingerprint, fingerprintText } from './similarity.ts';

/** What archives made of a chart have in common, deflated once; not of the charts inside it. */
export interface Pieces {
  body: Body | undefined;
  /** Files that composing changes, by their paths, in the order in which they stand. */
  coded: ReadonlyMap<string, CodedFile>;
  /** Files that are in neither. */
  loose: string[];
  /** Bytes that all but the loose ones take in one stream, and how many more they take as they are. */
  whole: number;
  loss: number;
  /** Bytes that they are in a tar archive, and what of. */
  size: number;
  sketch: Fingerprint;
}

/** Which files composing may change or leave out, so that nothing is to depend on them. */
const variable =
  /^(?:Chart\.yaml|values\.yaml|Chart\.lock|requirements\.yaml|requirements\.lock|charts\/.*)$/;

/** It says much the same as values.yaml, and so stands next to it. */
const isReadme = (path: string): boolean => path === 'README.md';

/** Larger ones are deflated afresh when they change. */
const maxCoded = 1024 * 1024;

export function preparePieces(files: ChartFiles): Pieces {
  const ordered = orderFiles(files);
  const fixed = ordered.filter(([path]) => !variable.test(path) && path.length <= maxName && isPlain(path));
  const before = prepareBody([
    ...fixed.filter(([path]) => !isReadme(path)),
    ...fixed.filter(([path]) => isReadme(path)),
  ]);
  const body = before?.body;
  const coded = new Map<string, CodedFile>();
  let lead = blockSize;
  // Chart.yaml changes nearly always, and moves what is behind it.
  for (const path of ['values.yaml', 'Chart.yaml']) {
    const content = files.get(path);
    if (!content || content.length > maxCoded) continue;
    coded.set(path, prepareFile(content, before, lead));
    lead += content.length + paddingOf(content.length) + blockSize;
  }
  const inBody = new Set(body?.files.map(({ path }) => path));
  const loose = ordered.flatMap(([path]) => (inBody.has(path) || coded.has(path) ? [] : [path]));
  const entries = (paths: readonly string[]) =>
    Buffer.concat(
      paths.flatMap((path) => [...tarEntry(`chart/${path}`, files.get(path) ?? Buffer.alloc(0))]),
    );
  const plain = entries([...inBody, ...coded.keys()]);
  const sorted = entries(ordered.flatMap(([path]) => (loose.includes(path) ? [] : [path])));
  const whole = Math.min(...[plain, sorted].map((one) => deflateRawSync(one, { level: 6 }).length));
  const sizes = { whole, loss: 0, size: plain.length, sketch: fingerprintText(plain) };
  const pieces = { body, coded, loose, ...sizes };
  const ready = {
    folder: 'chart',
    pieces,
    coded: [...coded].flatMap(([path, file]) => {
      const content = files.get(path);
      return content ? [{ path, file, content }] : [];
    }),
  };
  return { ...pieces, loss: measureChart(ready) - whole };
}

/** Bytes of memory that they take, about. */
export function memoryOfPieces({ body, coded, sketch }: Pieces): number {
  let size = sketch.head.byteLength + perSample * sketch.tail.size;
  for (const section of body?.sections ?? []) size += section.bytes.length + perHeader * section.sums.length;
  for (const { bytes, tokens, offsets } of coded.values()) {
    size += bytes.length + tokens.byteLength + 2 * offsets.byteLength;
  }
  return size;
}

/** What is known of a header: its place, its name and how its sum changes the CRC. */
const perHeader = 400;

/** A number in a set. */
const perSample = 16;
