import type { Pieces } from '../core/archive/assembly/index.ts';
import type { Chart, ChartFiles } from '../core/chart/chart.ts';
import { createEditCaches } from '../core/chart/prepare.ts';
import type { Source } from '../core/recipe/compose-prepared.ts';
import type { Editable } from '../core/yaml/edit/editable.ts';

/** Range in the message's bytes. */
type Slice = [from: number, to: number];

/** Index of a file in the message's list of files. */
type FileNumber = number;

interface FlatChart extends Omit<Chart, 'files' | 'subcharts'> {
  files: [path: string, file: FileNumber][];
  pieces: Pieces | undefined;
  subcharts: FlatChart[];
}

/** Source as a message between threads: one buffer, which is transferred and not copied, and the ranges in it. */
export interface SourceMessage {
  bytes: ArrayBuffer;
  files: Slice[];
  chart: FlatChart;
  editables: [FileNumber, Editable][];
}

/**
 * Packs a source into a message. Objects that are shared in the source stay shared, also when the message is cloned.
 */
export function packSource({ chart, prepared }: Source): SourceMessage {
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
  const packChart = ({ files: chartFiles, subcharts, ...rest }: Chart): FlatChart => ({
    ...rest,
    files: [...chartFiles].map(([path, file]) => [path, numberOf(file)]),
    pieces: prepared.pieces.get(chartFiles),
    subcharts: subcharts.map(packChart),
  });
  const message = {
    files,
    chart: packChart(chart),
    editables: [...prepared.editables].map(([file, editable]): [number, Editable] => [
      numberOf(file),
      editable,
    ]),
  };
  const bytes = new ArrayBuffer(length);
  const target = Buffer.from(bytes);
  let offset = 0;
  for (const part of parts) offset += part.copy(target, offset);
  return { ...message, bytes };
}

/** Unpacks a source from a message; its files are views of the message's bytes. */
export function unpackSource(message: SourceMessage): Source {
  const { bytes, editables } = message;
  const pieces = new Map<ChartFiles, Pieces>();
  const view = ([from, to]: Slice): Buffer => Buffer.from(bytes, from, to - from);
  const files = message.files.map(view);
  const fileOf = (number: FileNumber): Buffer => {
    const file = files[number];
    if (!file) throw new Error('a message of a source names a file that it does not have');
    return file;
  };
  const unpackChart = ({ files: chartFiles, pieces: known, subcharts, ...rest }: FlatChart): Chart => {
    const filesByPath = new Map(chartFiles.map(([path, file]) => [path, fileOf(file)]));
    if (known) pieces.set(filesByPath, known);
    return { ...rest, files: filesByPath, subcharts: subcharts.map(unpackChart) };
  };
  const edited = new Map(editables.map(([file, editable]) => [fileOf(file), editable]));
  return {
    chart: unpackChart(message.chart),
    prepared: {
      pieces,
      editables: edited,
      editCaches: createEditCaches(edited),
    },
  };
}
