import type { Pieces } from '../core/archive/assembly/index.ts';
import type { Chart, ChartFiles } from '../core/chart/chart.ts';
import { beginMemories } from '../core/chart/prepare.ts';
import type { Source } from '../core/recipe/compose-prepared.ts';
import type { Editable } from '../core/yaml/edit/editable.ts';

/** A place in the message's bytes. */
type Slice = [from: number, to: number];

/** A file, by its place among all files. */
type FileNumber = number;

interface FlatChart extends Omit<Chart, 'files' | 'subcharts'> {
  files: [path: string, file: FileNumber][];
  pieces: Pieces | undefined;
  subcharts: FlatChart[];
}

/** A source on its way between threads: one piece of memory, which is handed over and not copied, and what stands where. */
export interface SourceMessage {
  bytes: ArrayBuffer;
  files: Slice[];
  chart: FlatChart;
  editables: [FileNumber, Editable][];
}

/** Packs a source. What is one object in it is one object in the message, and stays one when that is cloned. */
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
  const packChart = ({ files: own, subcharts, ...rest }: Chart): FlatChart => ({
    ...rest,
    files: [...own].map(([path, file]) => [path, numberOf(file)]),
    pieces: prepared.pieces.get(own),
    subcharts: subcharts.map(packChart),
  });
  const message = {
    files,
    chart: packChart(chart),
    editables: [...prepared.editables].map(([file, one]): [number, Editable] => [numberOf(file), one]),
  };
  const bytes = new ArrayBuffer(length);
  const target = Buffer.from(bytes);
  let at = 0;
  for (const part of parts) at += part.copy(target, at);
  return { ...message, bytes };
}

/** Unpacks a source: its files are views of the message's bytes. */
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
  const unpackChart = ({ files: own, pieces: known, subcharts, ...rest }: FlatChart): Chart => {
    const named = new Map(own.map(([path, file]) => [path, fileOf(file)]));
    if (known) pieces.set(named, known);
    return { ...rest, files: named, subcharts: subcharts.map(unpackChart) };
  };
  const edited = new Map(editables.map(([file, editable]) => [fileOf(file), editable]));
  return {
    chart: unpackChart(message.chart),
    prepared: {
      pieces,
      editables: edited,
      memories: beginMemories(edited),
    },
  };
}
