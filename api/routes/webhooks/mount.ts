import type { Context } from '../../../core/context.ts';
import { tryEnqueue } from '../../../core/jobs/try-queue.ts';
import { actorOf } from '../../access/route-access.ts';
import type { App } from '../../http/env.ts';
import { mountCallbackReplay } from './callback-replay.ts';
import { mountDeliveries } from './deliveries.ts';
import type { WebhookDepsOf } from './deps.ts';
import { describePayloads } from './payloads.ts';
import { mountWebhook, mountWebhookList } from './webhooks.ts';

/** Mounts the routes of the webhooks of a space, and describes what receivers get. */
export function mountWebhooks(app: App, { jobs, config }: Context): void {
  const depsOf: WebhookDepsOf = (c) => ({
    db: jobs.db,
    actor: actorOf(c),
    guard: jobs.guard,
    sealer: jobs.sealer,
    maxWebhooks: config.webhookLimit,
    enqueue: (ids) => tryEnqueue(jobs, 'deliveries', ids),
  });
  mountWebhookList(app, depsOf);
  mountWebhook(app, depsOf);
  mountDeliveries(app, depsOf);
  mountCallbackReplay(app, jobs);
  describePayloads(app);
}
