import type { Digest } from '../../core/blobs/port.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { JsonObject } from '../../core/yaml/json.ts';

/** A version: `space`, `chart`, `version`. */
export interface Ref {
  space: string;
  chart: string;
  version: string;
}

export interface Upload {
  kind: 'upload';
  ref: Ref;
  archive: Buffer;
  digest: Digest;
  /** What it contains, for recipes that take something out of it. */
  inside: { chart: string; version: string }[];
}

export interface Recipe {
  kind: 'recipe';
  ref: Ref;
  /** Of all kinds of recipes, which one this is; for the report. */
  sort: string;
  save: JsonObject;
  configs: JsonObject;
  /** Keys of the operations that must be done before it can be sent. */
  needs: string[];
  /** Whether it asks to be called. */
  callback: boolean;
  /** The error that it must end with; without one it must succeed. */
  fails?: ErrorCode;
}

/** A version that is uploaded once and then replaced, one content after the other, by one writer. */
export interface Replacing {
  kind: 'replacing';
  ref: Ref;
  contents: { archive: Buffer; digest: Digest }[];
}

export type Operation = Upload | Recipe | Replacing;

export function keyOf({ space, chart, version }: Ref): string {
  return `${space}/${chart}/${version}`;
}

export function pathOf({ space, chart, version }: Ref): string {
  return `/api/v1/spaces/${space}/charts/${chart}/versions/${version}`;
}
