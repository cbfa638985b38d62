import type { ChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { OciManifest } from '../oci/manifest.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Warning } from '../recipe/warning.ts';
import type { JsonObject } from '../yaml/json.ts';

/** Summary of a chart as JSON texts, made in the thread so that the event loop need not serialize. */
export interface SummaryTexts {
  name: string;
  version: string;
  metadata: string;
  values?: string;
  helmMetadata: JsonObject;
}

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
  /** Reads the templates of a chart and its own values, as JSON. */
  | { kind: 'templates'; archive: Uint8Array; limits: ChartLimits }
  /** Composes the chart of a plan from its sources' archives. */
  | { kind: 'compose'; plan: Plan; archives: [Digest, Uint8Array][]; limits: ChartLimits }
  | { kind: 'manifest'; content: Uint8Array; contentType: string | undefined };

/** Answer to each kind of request, or an error that a client can act on. */
export type ChartAnswer =
  | { kind: 'inspect'; summary: SummaryTexts }
  /** Sentence `lost` is about comments that could not be kept. */
  | { kind: 'rewrite'; archive: Uint8Array; summary: SummaryTexts; lost: string | undefined }
  | { kind: 'compose'; archive: Uint8Array; summary: SummaryTexts; warnings: Warning[] }
  | { kind: 'templates'; json: Uint8Array<ArrayBuffer> }
  | { kind: 'manifest'; manifest: OciManifest }
  | { kind: 'fault'; code: ErrorCode; message: string; details: ErrorDetails | undefined };
