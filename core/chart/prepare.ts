import { type Pieces, preparePieces } from '../archive/assembly/prepare-pieces.ts';
import type { EditCache } from '../yaml/edit/edit-cache.ts';
import { type Editable, markLineEditable, readEditable } from '../yaml/edit/editable.ts';
import type { Chart, ChartFiles } from './chart.ts';

/** What composing needs of a chart's files, found out once; by the chart's files, or by the very buffers of them. */
export interface Prepared {
  pieces: ReadonlyMap<ChartFiles, Pieces>;
  editables: ReadonlyMap<Buffer, Editable>;
  /** By the files that can be edited. */
  memories: ReadonlyMap<Buffer, EditCache>;
}

export const nothingPrepared: Prepared = { pieces: new Map(), editables: new Map(), memories: new Map() };

/** YAML files that composing changes. */
const edited = ['Chart.yaml', 'requirements.yaml', 'values.yaml'];

/** Prepares a chart and the charts inside it. It takes some 200 ms a MB. */
export function prepareChart(chart: Chart): Prepared {
  const pieces = new Map([[chart.files, preparePieces(chart.files)]]);
  const editables = new Map<Buffer, Editable>();
  for (const path of edited) {
    const file = chart.files.get(path);
    const text = file?.toString('utf8') ?? '';
    const editable = file && readEditable(text);
    if (!editable) continue;
    // The very values of the chart, of which composed ones keep what they can: what is the same need not be compared.
    const value = path === 'values.yaml' ? chart.values : editable.value;
    editables.set(file, { ...markLineEditable(editable, text), value });
  }
  return mergePrepared([
    { pieces, editables, memories: beginMemories(editables) },
    ...chart.subcharts.map(prepareChart),
  ]);
}

export function beginMemories(editables: Prepared['editables']): Prepared['memories'] {
  return new Map([...editables.keys()].map((file) => [file, { entries: undefined }]));
}

export function mergePrepared(all: Iterable<Prepared>): Prepared {
  const pieces = new Map<ChartFiles, Pieces>();
  const editables = new Map<Buffer, Editable>();
  const memories = new Map<Buffer, EditCache>();
  for (const one of all) {
    for (const [files, piece] of one.pieces) pieces.set(files, piece);
    for (const [file, editable] of one.editables) editables.set(file, editable);
    for (const [file, memory] of one.memories) memories.set(file, memory);
  }
  return { pieces, editables, memories };
}
