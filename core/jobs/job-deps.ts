import { systemActor } from '../access/actor.ts';
import { accessMode } from '../config/access-mode.ts';
import type { Config } from '../config/settings.ts';
import { createConcurrencyLimiter } from '../runtime/concurrency.ts';
import type { Log } from '../runtime/log.ts';
import { createGuard } from '../webhooks/guard.ts';
import { createQueuedJobWriter } from './accept.ts';
import { createJobClaimer } from './claim.ts';
import { createCompositionSlots } from './composition-slots.ts';
import { createJobFinisher } from './finish-jobs.ts';
import { createJobReader } from './job-reader.ts';
import type { JobDeps } from './jobs.ts';
import { createResolvedSourceCache } from './resolved-sources.ts';
import { createInlineJobWriter } from './store-inline.ts';
import { createJobStreams } from './stream/job-streams.ts';
import { createNotifyAdded } from './stream/notify-added.ts';
import { createPositionTexts } from './stream/position.ts';

/** Readings at a time of what readers have missed. */
const maxConcurrentCatchUpReads = 4;

/** Opened parts that jobs need. */
export type OpenedJobDeps = Pick<
  JobDeps,
  | 'db'
  | 'blobs'
  | 'locks'
  | 'queue'
  | 'watch'
  | 'charts'
  | 'limits'
  | 'validator'
  | 'previewer'
  | 'sealer'
  | 'links'
  | 'countEnd'
  | 'tracing'
> & {
  /** Aborts when the process begins to close. */
  closing: AbortSignal;
};

/** Creates the dependencies of jobs: adds their caches, limits and the guard to opened parts. */
export function createJobDeps(config: Config, log: Log, { closing, ...opened }: OpenedJobDeps): JobDeps {
  const guarded = accessMode(config) === 'guarded';
  return {
    ...opened,
    actor: systemActor,
    guarded,
    keepDays: config.jobsKeep,
    streams: createJobStreams(opened.db, opened.watch, {
      closing,
      onError: (error) => log.warn({ error }, 'changes of jobs could not be read; it will be tried again'),
    }),
    positions: createPositionTexts(opened.sealer),
    catchingUp: createConcurrencyLimiter(maxConcurrentCatchUpReads),
    notifyAdded: createNotifyAdded(opened.db, (error) =>
      log.warn({ error }, 'other processes were not notified of new jobs; their streams will find them'),
    ),
    readById: createJobReader(opened.db),
    writeInline: createInlineJobWriter({ ...opened, guarded }),
    writeQueued: createQueuedJobWriter({ ...opened, guarded }, config.queueLimit),
    claim: createJobClaimer(opened.db),
    finish: createJobFinisher({ ...opened, guarded }),
    compositionSlots: createCompositionSlots(),
    resolvedSources: createResolvedSourceCache(),
    guard: createGuard(config.webhookAllow),
    onQueueError: (error, ids) => log.warn({ error, ids }, 'jobs were not enqueued; the sweep will do it'),
  };
}
