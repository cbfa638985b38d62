import type { Actor } from '../access/actor.ts';
import type { Sealer } from '../access/sealer.ts';
import type { ChartLimits } from '../archive/limits.ts';
import type { BlobStore } from '../blobs/port.ts';
import type { ChartWork } from '../chart-work/chart-work.ts';
import type { Database } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import type { Queue } from '../queue/port.ts';
import type { ConcurrencyLimiter } from '../runtime/concurrency.ts';
import type { Tracing } from '../runtime/tracing.ts';
import type { Previewer } from '../validation/previewer.ts';
import type { Validator } from '../validation/validator.ts';
import type { AddressGuard } from '../webhooks/guard.ts';
import type { JobClaimer } from './claim.ts';
import type { EndedJob } from './composed.ts';
import type { CompositionSlots } from './composition-slots.ts';
import type { JobFinisher } from './finish-jobs.ts';
import type { Job } from './job.ts';
import type { JobWatch } from './job-events.ts';
import type { JobReader } from './job-reader.ts';
import type { InlineJob, JobToWrite, JobWriter } from './job-writer.ts';
import type { ResolvedSourceCache } from './resolved-sources.ts';
import type { JobStreams } from './stream/job-streams.ts';
import type { NotifyAdded } from './stream/notify-added.ts';
import type { PositionTexts } from './stream/position.ts';
import type { JobLinks } from './view.ts';

/** Dependencies of the use cases on jobs. */
export interface JobDeps {
  /** Actor: the sender of a request, or the registry itself. */
  actor: Actor;
  db: Database;
  blobs: BlobStore;
  locks: Locks;
  queue: Queue;
  watch: JobWatch;
  /** Streams of the changes of all jobs. */
  streams: JobStreams;
  /** Texts by which a reader resumes a stream. */
  positions: PositionTexts;
  /** Limits the readings of what readers have missed, many of whom may come back at a time. */
  catchingUp: ConcurrencyLimiter;
  /** Tells streams of all processes of jobs that were added; called after the commit. */
  notifyAdded: NotifyAdded;
  readById: JobReader;
  /** Writes jobs that were composed inline; see `createInlineJobWriter`. */
  writeInline: JobWriter<InlineJob, EndedJob>;
  /** Writes queued jobs; see `createQueuedJobWriter`. */
  writeQueued: JobWriter<JobToWrite, Job>;
  claim: JobClaimer;
  finish: JobFinisher;
  compositionSlots: CompositionSlots;
  resolvedSources: ResolvedSourceCache;
  limits: ChartLimits;
  /** Reads and composes charts, in threads where they are not small. */
  charts: ChartWork;
  validator: Validator;
  previewer: Previewer;
  /** Checks the addresses of callbacks. */
  guard: AddressGuard;
  /** Seals the secrets of callbacks. */
  sealer: Sealer;
  links: JobLinks;
  /** Days for which jobs that are over are kept; 0 for ever. */
  keepDays: number;
  /** Whether access is guarded: rights are checked, and not everybody may know every source. */
  guarded: boolean;
  /** Counts a job that this process has ended. */
  countEnd: (job: Job) => void;
  /** Continues traces of requests in the jobs that they have made. */
  tracing: Tracing;
  /** Called when ids could not be enqueued or removed; nothing is lost, since the sweep enqueues what is missing. */
  onQueueError: (error: unknown, ids: readonly string[]) => void;
}
