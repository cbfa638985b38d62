import type { Context } from '../core/context.ts';
import { restoreSecondsOf } from '../core/deletions/restore-time.ts';
import { consumeFollowEvents } from '../core/follow/follow-events.ts';
import { markStates } from '../core/outdated/mark-states.ts';
import { deliveryPolicy } from '../core/queue/policies.ts';
import type { Handler, QueueName } from '../core/queue/port.ts';
import { createDeadline } from '../core/runtime/deadline.ts';
import { splitShutdownBudget } from '../core/runtime/shutdown-budget.ts';
import { startPreparingAhead } from '../core/sources/prepare-ahead.ts';
import { createPreparer } from '../core/sources/preparer.ts';
import { createSourceCache } from '../core/sources/source-cache.ts';
import { createVersionAnnouncer } from '../core/webhooks/version-announcements.ts';
import { createActivity } from './activity.ts';
import { createCollectHandler, scheduleGarbageCollection } from './collect.ts';
import { createInlineComposition } from './compose-chart.ts';
import { createDeliverHandler } from './deliver.ts';
import { startAnnouncingExpiringTokens } from './expiring-tokens.ts';
import { startFollowing } from './follows.ts';
import { defaultIntervals, type WorkerIntervals } from './intervals.ts';
import { startUpdatingComposedStates } from './keep-states.ts';
import { startMirroring } from './mirrors.ts';
import { createOrchestrateHandler } from './orchestrate.ts';
import { startPurgingAudit } from './purge-audit.ts';
import { startPurgingDeletedVersions } from './purge-deleted.ts';
import { startDeletingWebhooks, startPurgingDeliveries } from './purge-deliveries.ts';
import { startPurgingJobs } from './purge-jobs.ts';
import { startAnnouncingQuotas } from './quota-events.ts';
import { createRestRecorder } from './rest.ts';
import { startRetention } from './retention.ts';
import { startSignsOfLife } from './signs-of-life.ts';
import { startSweeper } from './sweeper.ts';
import { startVersionEvents } from './version-events.ts';

/** Worker: the part of a process that runs jobs, deliveries, garbage collections and work by the clock. */
export interface Worker {
  /** Stops consuming; resolves when everything that runs is done or released for another worker. */
  close(): Promise<void>;
}

/** Largest number of bytes of memory for a worker's cached sources: 128 MiB. */
const maxSourceCacheBytes = 128 * 1024 * 1024;

/**
 * Starts all that a worker does, and offers inline composition. Started are consumers of queues, the sweep, purges,
 * mirrors and the work on events.
 * @param intervals between looks for work that is due
 */
export async function startJobWorker(
  context: Context,
  intervals: WorkerIntervals = defaultIntervals,
): Promise<Worker> {
  const { config, jobs, log, sender, metrics } = context;
  const preparer = createPreparer(jobs.limits);
  const sources = createSourceCache({ ...jobs, log }, preparer, maxSourceCacheBytes);
  const withdraw = jobs.compositionSlots.offer(createInlineComposition(jobs, sources.load));
  const { gcInterval, gcGrace: graceSeconds, ociExpiry: expirySeconds } = config;
  const pausePolicy = { pauseAfterDays: config.webhookPauseAfter, guarded: context.access.guarded };
  const activity = createActivity();
  const consume = (queue: QueueName, concurrency: number, handle: Handler) =>
    jobs.queue.consume(queue, concurrency, (arrival) => activity.during(() => handle(arrival)));
  const consumers = await Promise.all([
    consume('orchestrations', config.workerConcurrency, createOrchestrateHandler(jobs, sources, log)),
    consume(
      'deliveries',
      config.workerConcurrency,
      createDeliverHandler({ ...jobs, sender, log, metrics, policy: deliveryPolicy, pausePolicy }),
    ),
    ...(gcInterval > 0
      ? [
          consume(
            'upkeep',
            1,
            createCollectHandler(
              { ...jobs, log },
              { graceSeconds, expirySeconds, restoreSeconds: restoreSecondsOf(config) },
            ),
          ),
        ]
      : []),
  ]);
  const signs = await startSignsOfLife(jobs.db, log);
  const sweeper = startSweeper(
    jobs,
    log,
    () => scheduleGarbageCollection(jobs.queue, gcInterval),
    createRestRecorder(jobs.db, signs.id, activity),
    intervals.sweepsMs,
  );
  const ahead = startPreparingAhead({ ...jobs, log });
  const purging = startPurgingAudit(jobs.db, log, config.auditKeep);
  const purgingDeliveries = startPurgingDeliveries(jobs.db, log, config.webhookKeep);
  const purgingJobs = startPurgingJobs(jobs.db, log, config.jobsKeep);
  const deletingWebhooks = startDeletingWebhooks(jobs.db, log, intervals.endedWebhooksMs);
  const versionEvents = startVersionEvents(
    jobs.db,
    log,
    [
      markStates,
      createVersionAnnouncer(jobs.links),
      // Holds the graph of follows until the commit, so it comes last.
      consumeFollowEvents,
    ],
    intervals.versionEventsMs,
  );
  const follows = startFollowing(context, activity, intervals.followsMs);
  const mirroring = startMirroring(context, activity, intervals.mirrorsMs);
  const announcingQuotas = startAnnouncingQuotas(jobs.db, log, { guarded: context.access.guarded });
  const announcingExpiring = startAnnouncingExpiringTokens(context);
  const purgingDeleted = startPurgingDeletedVersions(context);
  const retention = startRetention(context, activity, intervals.retentionMs);
  const keepingStates = startUpdatingComposedStates(jobs.db, log, intervals.statesMs);
  log.info({ concurrency: config.workerConcurrency }, 'working');
  return {
    async close() {
      withdraw();
      const deadline = createDeadline(splitShutdownBudget(config.shutdownTimeout).drainMs, []);
      try {
        await Promise.all([
          ahead.stop(),
          purging.stop(),
          purgingDeliveries.stop(),
          purgingJobs.stop(),
          deletingWebhooks.stop(),
          versionEvents.stop(),
          follows.stop(),
          mirroring.stop(),
          announcingQuotas.stop(),
          announcingExpiring.stop(),
          purgingDeleted.stop(),
          retention.stop(),
          keepingStates.stop(),
          sweeper.stop(),
          signs.stop(),
          ...consumers.map((consumer) => consumer.close(deadline.signal)),
        ]);
      } finally {
        deadline.dispose();
      }
      await preparer.close();
    },
  };
}
