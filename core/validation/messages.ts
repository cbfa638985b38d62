import type { ChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { PreviewTexts } from '../recipe/preview.ts';
import type { Warning } from '../recipe/warning.ts';

/** What the thread is asked. */
export type CheckRequest =
  /** Whether the values of plans fit, each a JSON text, which costs less to send; outlines come along that it said it lacks. */
  | { kind: 'check'; plans: string[]; outlines: [Digest, string][] }
  /** The outline of an archive. */
  | { kind: 'outline'; archive: Uint8Array; limits: ChartLimits }
  /** Preview of what a plan, a JSON text, makes of its sources' archives. */
  | { kind: 'preview'; plan: string; archives: [Digest, Uint8Array][]; limits: ChartLimits };

/** What it answers: what was asked for, what it needs first, or an error that a client can act on. */
export type CheckAnswer =
  /** Verdicts in the order of the plans: of the first at least; the others are to be asked again. */
  | { kind: 'verdicts'; verdicts: Verdict[] }
  | { kind: 'outline'; outline: string }
  | { kind: 'preview'; preview: PreviewTexts }
  | Fault;

export type Verdict = { kind: 'fine'; warnings: Warning[] } | { kind: 'missing'; digests: Digest[] } | Fault;

interface Fault {
  kind: 'fault';
  code: ErrorCode;
  message: string;
  details: ErrorDetails | undefined;
}
