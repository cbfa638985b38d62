import type { ChartLimits } from '../archive/limits.ts';
import type { BlobStore } from '../blobs/port.ts';
import type { ChartWork } from '../chart-work/chart-work.ts';
import type { Database } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import type { Queue } from '../queue/port.ts';
import type { Previewer } from '../validation/previewer.ts';
import type { ValuesChecker } from '../validation/validator.ts';
import type { Guard } from '../webhooks/guard.ts';
import type { FreshPlans } from './accepted-plans.ts';
import type { AtOnce } from './composition-slots.ts';
import type { JobWatch } from './job-events.ts';
import type { KnownSources } from './resolved-sources.ts';

/** What the use cases on jobs work with. */
export interface Jobs {
  db: Database;
  blobs: BlobStore;
  locks: Locks;
  queue: Queue;
  watch: JobWatch;
  fresh: FreshPlans;
  atOnce: AtOnce;
  knownSources: KnownSources;
  limits: ChartLimits;
  /** Reads and composes charts beside the event loop. */
  charts: ChartWork;
  checker: ValuesChecker;
  previewer: Previewer;
  /** Says which addresses a callback may name. */
  guard: Guard;
  /** Jobs that may be unfinished. */
  queueLimit: number;
  /** Told when the queue could not be reached: nothing is lost, the sweep brings it back. */
  onQueueError: (error: unknown, ids: readonly string[]) => void;
}
