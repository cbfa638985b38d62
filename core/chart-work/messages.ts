import type { ChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import type { ArchiveContents } from '../chart/contents/read-contents.ts';
import type { ComparedVersion, CompareOptions, ComparisonText } from '../compare/comparison.ts';
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { OciManifest } from '../oci/manifest.ts';
import type { RecipeDefaults } from '../recipe/parse.ts';
import type { Plan } from '../recipe/plan.ts';
import type { ParsedRecipe, RecipeFormat } from '../recipe/read-recipe.ts';
import type { ParsedRecomposition } from '../recipe/read-recomposition.ts';
import type { Place } from '../recipe/text-places.ts';
import type { Warning } from '../recipe/warning.ts';
import type { Json, JsonObject } from '../yaml/json.ts';

/** Summary of a chart as JSON texts, made in the thread so that the event loop need not serialize. */
export interface SummaryTexts {
  name: string;
  version: string;
  metadata: string;
  values?: string;
  valuesMajors?: string;
  helmMetadata: JsonObject;
}

/** Plan, as JSON, and the archives of its sources. */
export interface PlanArchives {
  plan: string;
  archives: [Digest, Uint8Array][];
}

/** Side of a comparison: a stored archive, or what a plan makes under the names of its target. */
export type CompareSide =
  | { version: ComparedVersion; archive: Uint8Array }
  | (PlanArchives & { target: Pick<ComparedVersion, 'space' | 'chart' | 'version'> });

/** Request to a chart thread, about one chart or document of a client. */
export type ChartRequest =
  | { kind: 'inspect'; archive: Uint8Array; limits: ChartLimits }
  /** Rewrites Chart.yaml or values.yaml of a chart; `wanted` is a JSON object as text. */
  | {
      kind: 'rewrite';
      archive: Uint8Array;
      limits: ChartLimits;
      chart: string;
      file: 'metadata' | 'values';
      wanted: string;
    }
  | ArchiveRequest
  /** The chart that a plan, a JSON text, makes of its sources' archives. */
  | ({ kind: 'compose'; limits: ChartLimits } & PlanArchives)
  /** Difference between two charts. */
  | { kind: 'compare'; from: CompareSide; to: CompareSide; options: CompareOptions; limits: ChartLimits }
  | { kind: 'manifest'; content: Uint8Array; contentType: string | undefined }
  /** Body of a request that is a recipe. */
  | { kind: 'recipe'; text: string; defaults: RecipeDefaults; format: RecipeFormat }
  /** Recipe in YAML that was read without a fault before, and pointers into it. */
  | { kind: 'places'; text: string; pointers: readonly string[] }
  /** Plan as a job's row has it. */
  | { kind: 'plan'; text: string }
  /** Body of a request that is a JSON object, and the fields of it that the caller must know. */
  | { kind: 'object'; text: string; fields: readonly string[] }
  /** Body of a request that is a recomposition. */
  | { kind: 'recomposition'; text: string; format: RecipeFormat }
  /** JSON object and its merge patches. */
  | { kind: 'patch'; texts: readonly string[]; fields: readonly string[] };

/** Request that reads one stored archive. */
export type ArchiveRequest = { archive: Uint8Array; limits: ChartLimits } & (
  | /** Templates of a chart and its own values, as JSON. */ { kind: 'templates' }
  | /** Files of a chart and of those inside. */ { kind: 'contents'; keepBytes: number }
  | { kind: 'file'; path: string }
  | /** Computed values with their origins, as JSON. */ { kind: 'origins' }
);

/** Answer to each kind of {@link ArchiveRequest}. */
export type ArchiveAnswer =
  | { kind: 'templates'; json: Uint8Array<ArrayBuffer> }
  | { kind: 'contents'; contents: ArchiveContents }
  | { kind: 'file'; bytes: Uint8Array<ArrayBuffer> | undefined }
  | { kind: 'origins'; json: Uint8Array<ArrayBuffer> };

/** JSON object as text, and those of its fields that were asked for. */
export interface ObjectText {
  text: string;
  fields: Readonly<Record<string, Json | undefined>>;
}

/** Answer to each kind of request, or an error that a client can act on. */
export type ChartAnswer =
  | { kind: 'inspect'; summary: SummaryTexts }
  /** `lost` is a sentence about comments that could not be kept, `unchecked` are parts of schemas that were not checked. */
  | {
      kind: 'rewrite';
      archive: Uint8Array;
      summary: SummaryTexts;
      lost: string | undefined;
      unchecked: string[];
    }
  | { kind: 'compose'; archive: Uint8Array; summary: SummaryTexts; warnings: Warning[] }
  | ArchiveAnswer
  | ({ kind: 'compare' } & ComparisonText)
  | { kind: 'manifest'; manifest: OciManifest }
  | { kind: 'recipe'; read: ParsedRecipe<string> }
  | { kind: 'places'; places: Place[] }
  | { kind: 'plan'; plan: Plan<string> }
  | { kind: 'object'; object: ObjectText }
  | { kind: 'recomposition'; read: ParsedRecomposition }
  | { kind: 'patch'; object: ObjectText }
  | { kind: 'fault'; code: ErrorCode; message: string; details: ErrorDetails | undefined };
