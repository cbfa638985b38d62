import type { Digest } from '../../core/blobs/port.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { JsonObject } from '../../core/yaml/json.ts';

/** Name of a version. */
export interface Ref {
  space: string;
  chart: string;
  version: string;
}

/** Upload of an archive. */
export interface Upload {
  kind: 'upload';
  ref: Ref;
  archive: Buffer;
  digest: Digest;
  /** Subcharts of the archive, for recipes that use them as sources. */
  inside: { chart: string; version: string }[];
}

/** Recipe, with the outcome to expect. */
export interface Recipe {
  kind: 'recipe';
  ref: Ref;
  /** Sort of the recipe, for the report. */
  sort: string;
  save: JsonObject;
  configs: JsonObject;
  /** Keys of the operations that must be done before the recipe is sent. */
  needs: string[];
  /** Whether the recipe has a callback. */
  callback: boolean;
  /** Error with which the job must fail; without one the job must succeed. */
  fails?: ErrorCode;
}

/** Version that one writer uploads and then replaces by each further content. */
export interface Replacing {
  kind: 'replacing';
  ref: Ref;
  contents: { archive: Buffer; digest: Digest }[];
}

/** Operation of a client. */
export type Operation = Upload | Recipe | Replacing;

/** Renders a version as `space/chart/version`. */
export function keyOf({ space, chart, version }: Ref): string {
  return `${space}/${chart}/${version}`;
}

/** Returns the path of a version. */
export function pathOf({ space, chart, version }: Ref): string {
  return `/api/v1/spaces/${space}/charts/${chart}/versions/${version}`;
}
