import type { ChartLimits } from '../archive/limits.ts';
import type { BlobStore } from '../blobs/port.ts';
import type { ChartWork } from '../chart-work/chart-work.ts';
import type { Database } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import type { Queue } from '../queue/port.ts';
import type { Previewer } from '../validation/previewer.ts';
import type { Validator } from '../validation/validator.ts';
import type { Guard } from '../webhooks/guard.ts';
import type { AcceptedPlanCache } from './accepted-plans.ts';
import type { CompositionSlots } from './composition-slots.ts';
import type { JobWatch } from './job-events.ts';
import type { ResolvedSourceCache } from './resolved-sources.ts';

/** What the use cases on jobs work with. */
export interface JobDeps {
  db: Database;
  blobs: BlobStore;
  locks: Locks;
  queue: Queue;
  watch: JobWatch;
  acceptedPlans: AcceptedPlanCache;
  compositionSlots: CompositionSlots;
  resolvedSources: ResolvedSourceCache;
  limits: ChartLimits;
  /** Reads and composes charts beside the event loop. */
  charts: ChartWork;
  validator: Validator;
  previewer: Previewer;
  /** Says which addresses a callback may name. */
  guard: Guard;
  /** Jobs that may be unfinished. */
  queueLimit: number;
  /** Told when the queue could not be reached: nothing is lost, the sweep brings it back. */
  onQueueError: (error: unknown, ids: readonly string[]) => void;
}
