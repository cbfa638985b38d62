import type { Digest } from '../../blobs/port.ts';
import type { ChartLimits } from '../../chart/limits.ts';
import type { ErrorCode, ErrorDetails } from '../../errors.ts';
import type { Plan } from '../../recipe/plan.ts';
import type { Preview } from '../../recipe/preview.ts';

/** What the thread is asked. */
export type CheckRequest =
  /** Whether a plan's values fit; outlines come along that it said it lacks. */
  | { kind: 'check'; plan: Plan; outlines: [Digest, string][] }
  /** The outline of an archive. */
  | { kind: 'outline'; archive: Uint8Array; limits: ChartLimits }
  /** What a plan makes of its sources' archives. */
  | { kind: 'preview'; plan: Plan; archives: [Digest, Uint8Array][]; limits: ChartLimits };

/** What it answers: what was asked for, what it needs first, or an error that a client can act on. */
export type CheckAnswer =
  | { kind: 'fine' }
  | { kind: 'outline'; outline: string }
  | { kind: 'preview'; preview: Preview }
  | { kind: 'missing'; digests: Digest[] }
  | { kind: 'fault'; code: ErrorCode; message: string; details: ErrorDetails | undefined };
