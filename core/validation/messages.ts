import type { ChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { PreviewTexts } from '../recipe/preview.ts';
import type { Warning } from '../recipe/warning.ts';

/** Request to the validation thread. */
export type CheckRequest =
  /** Validates plans, sent as JSON texts, which costs less; `outlines` are those that the thread lacked. */
  | { kind: 'check'; plans: string[]; outlines: [Digest, string][] }
  /** Makes the outline of an archive. */
  | { kind: 'outline'; archive: Uint8Array; limits: ChartLimits }
  /** Preview of what a plan, a JSON text, makes of its sources' archives. */
  | { kind: 'preview'; plan: string; archives: [Digest, Uint8Array][]; limits: ChartLimits };

/** Answer of the validation thread: the result, or an error that a client can act on. */
export type CheckAnswer =
  /** Verdicts in the order of the plans, at least the first; the caller sends the other plans again. */
  | { kind: 'verdicts'; verdicts: PlanVerdict[] }
  | { kind: 'outline'; outline: string }
  | { kind: 'preview'; preview: PreviewTexts }
  | Fault;

/** Verdict on a plan; `missing` lists sources whose outlines the thread lacks. */
export type PlanVerdict =
  | { kind: 'fine'; warnings: Warning[] }
  | { kind: 'missing'; digests: Digest[] }
  | Fault;

interface Fault {
  kind: 'fault';
  code: ErrorCode;
  message: string;
  details: ErrorDetails | undefined;
}
