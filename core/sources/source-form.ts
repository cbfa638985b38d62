import { deserialize, serialize } from 'node:v8';
import type { DeflatedPieces } from '../archive/assembly/index.ts';
import type { Chart, ChartFiles } from '../chart/chart.ts';
import { createEditCaches } from '../chart/prepare.ts';
import type { Source } from '../recipe/compose-prepared.ts';
import { deflate, inflate } from '../runtime/zlib-streams.ts';
import type { Editable } from '../yaml/edit/editable.ts';
import { isLargeSource, type LargeSource, type LoadedSource } from './large-sources.ts';

/** Range in the bytes of all files. */
type Slice = [from: number, to: number];

/** Index of a file in the list of files. */
type FileNumber = number;

interface FlatChart extends Omit<Chart, 'files' | 'subcharts'> {
  files: [path: string, file: FileNumber][];
  pieces: DeflatedPieces | undefined;
  subcharts: FlatChart[];
}

/** Source as plain values. Objects that are shared in the source stay shared. */
interface FlatSource {
  bytes: Uint8Array;
  files: Slice[];
  chart: FlatChart;
  editables: [FileNumber, Editable][];
}

/** Bytes that inflating adds at a time; each costs a message between threads. */
const chunkSize = 256 * 1024;

/** Encodes a source as its prepared form. Threads send that form, and derived blobs keep it. */
export async function encodeForm(source: LoadedSource): Promise<Buffer> {
  return deflate(serializeUncompressed(source));
}

/** Serializes a source, without the compression of its prepared form. */
export function serializeUncompressed(source: LoadedSource): Buffer {
  return serialize(isLargeSource(source) ? source : flatten(source));
}

/**
 * Decodes a prepared form; its files and pieces are views of one buffer.
 * @throws for bytes that are not a prepared form
 */
export async function decodeForm(form: Uint8Array): Promise<LoadedSource> {
  const content: FlatSource | LargeSource = deserialize(await inflate(form, { chunkSize }));
  if ('chart' in content) return restore(content);
  if (typeof content.unpacked !== 'number') throw new Error('the bytes are not a prepared form');
  return content;
}

function flatten({ chart, prepared }: Source): FlatSource {
  const parts: Buffer[] = [];
  let length = 0;
  const place = (bytes: Buffer): Slice => {
    parts.push(bytes);
    length += bytes.length;
    return [length - bytes.length, length];
  };
  const files: Slice[] = [];
  const numbers = new Map<Buffer, FileNumber>();
  const numberOf = (file: Buffer): FileNumber => {
    const known = numbers.get(file);
    if (known !== undefined) return known;
    numbers.set(file, files.length);
    files.push(place(file));
    return files.length - 1;
  };
  const flattenChart = ({ files: chartFiles, subcharts, ...rest }: Chart): FlatChart => ({
    ...rest,
    files: [...chartFiles].map(([path, file]) => [path, numberOf(file)]),
    pieces: prepared.pieces.get(chartFiles),
    subcharts: subcharts.map(flattenChart),
  });
  const flat = {
    files,
    chart: flattenChart(chart),
    editables: [...prepared.editables].map(([file, editable]): [number, Editable] => [
      numberOf(file),
      editable,
    ]),
  };
  return { ...flat, bytes: new Uint8Array(Buffer.concat(parts, length)) };
}

function restore({ bytes, files: slices, chart, editables }: FlatSource): Source {
  const pieces = new Map<ChartFiles, DeflatedPieces>();
  const files = slices.map(([from, to]) => Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from));
  const fileOf = (number: FileNumber): Buffer => {
    const file = files[number];
    if (!file) throw new Error('a prepared form names a file that it does not have');
    return file;
  };
  const restoreChart = ({ files: chartFiles, pieces: known, subcharts, ...rest }: FlatChart): Chart => {
    const filesByPath = new Map(chartFiles.map(([path, file]) => [path, fileOf(file)]));
    if (known) pieces.set(filesByPath, known);
    return { ...rest, files: filesByPath, subcharts: subcharts.map(restoreChart) };
  };
  const edited = new Map(editables.map(([file, editable]) => [fileOf(file), editable]));
  return {
    chart: restoreChart(chart),
    prepared: { pieces, editables: edited, editCaches: createEditCaches(edited) },
  };
}
