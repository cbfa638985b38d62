import type { Digest } from '../../blobs/port.ts';

/** Kinds of files in a chart, by the rules of Helm's loader. */
export const fileKinds = [
  'chart',
  'values',
  'schema',
  'readme',
  'template',
  'crd',
  'subchart',
  'license',
  'other',
] as const;

/** Kind of a file in a chart; `subchart` is a packed archive in `charts/`. */
export type FileKind = (typeof fileKinds)[number];

/** Uses of a template that Helm does not send to the cluster as it is. */
export const templateRoles = ['notes', 'partial', 'test'] as const;

/** Use of a template: NOTES.txt, a partial (`_helpers.tpl`), or a test. */
export type TemplateRole = (typeof templateRoles)[number];

/** File of a chart, or of a chart inside it. */
export interface ChartFile {
  /** Path below the chart's folder; files of charts inside begin with `charts/NAME/`, packed or not. */
  path: string;
  /** Bytes. */
  size: number;
  kind: FileKind;
  use?: TemplateRole;
  /** Whether it is anything but text in UTF-8. */
  binary: boolean;
}

/** File with the digest of its content, and the place of that in the kept bytes. */
export interface DigestedFile extends ChartFile {
  digest: Digest;
  /** Offset in the bytes that are kept; absent for a file that is read from the archive each time. */
  at?: number;
}

/** Paths of the files of a chart that have a place of their own on a page. */
export interface MainFiles {
  readme?: string;
  values?: string;
  schema?: string;
  license?: string;
  changelog?: string;
}
