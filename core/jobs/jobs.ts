import type { BlobStore } from '../blobs/port.ts';
import type { ChartLimits } from '../chart/limits.ts';
import type { ChartWork } from '../chart-work/chart-work.ts';
import type { Database } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import type { Queue } from '../queue/port.ts';
import type { Guard } from '../webhooks/guard.ts';
import type { AtOnce } from './at-once.ts';
import type { ValuesChecker } from './check/checker.ts';
import type { Previewer } from './check/previewer.ts';
import type { FreshPlans } from './fresh-plans.ts';
import type { KnownSources } from './known-sources.ts';
import type { JobWatch } from './watch.ts';

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
