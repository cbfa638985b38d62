import {
  addressRangesSchema,
  daysOrOffSchema,
  listenAddressSchema,
  oneOfSchema,
  secondsSchema,
  wholeNumberSchema,
} from '../shapes.ts';
import { mebibyte, setting } from './setting.ts';

/** Settings of jobs: recipes, workers, the queue and shutdown. */
export const jobsSettings = {
  orchestrationWait: setting({
    key: 'orchestration.wait',
    env: 'ORCHESTRATION_WAIT',
    schema: secondsSchema(0),
    default: 0,
    doc: 'Seconds that the answer to a recipe waits for its job before it is 202; `Prefer: wait=N` overrides it.',
  }),
  orchestrationValues: setting<'merge' | 'replace' | 'literal'>({
    key: 'orchestration.values',
    env: 'ORCHESTRATION_VALUES',
    schema: oneOfSchema('merge', 'replace', 'literal'),
    default: 'merge',
    doc: 'How configuration gets into values.yaml when a recipe does not say: `merge`, `replace` or `literal`.',
  }),
  workerConcurrency: setting({
    key: 'worker.concurrency',
    env: 'WORKER_CONCURRENCY',
    schema: wholeNumberSchema(1, 64),
    default: 16,
    doc: 'Slots of a worker: jobs that it runs at once. They mostly wait for the database and the disk.',
  }),
  workerListen: setting<string>({
    key: 'worker.listen',
    env: 'WORKER_LISTEN',
    schema: listenAddressSchema,
    default: '',
    doc: 'Address on which a `worker` process answers `/healthz` and `/readyz`. Empty for none.',
  }),
  apiSources: setting({
    key: 'api.sources',
    env: 'API_SOURCES',
    schema: wholeNumberSchema(0, 16_384 * mebibyte),
    default: 128 * mebibyte,
    doc: 'Bytes of prepared charts that an `api` process, and each helper process of `API_PROCESSES`, keeps in memory, so that it composes recipes inline. 0 leaves every recipe to workers.',
  }),
  queueLimit: setting({
    key: 'queue.limit',
    env: 'QUEUE_LIMIT',
    schema: wholeNumberSchema(1, 1_000_000),
    default: 10_000,
    doc: 'Maximum of unfinished jobs; a further recipe is answered 503 with `Retry-After`. Recipes accepted at the same moment may exceed it by a few.',
  }),
  followJobs: setting({
    key: 'follow.jobs',
    env: 'FOLLOW_JOBS',
    schema: wholeNumberSchema(1, 1_000),
    default: 20,
    doc: 'Maximum of unfinished jobs by following, in the whole registry. What one publication causes beyond it waits, and is composed as these end; publications take turns.',
  }),
  jobsKeep: setting({
    key: 'jobs.keep',
    env: 'JOBS_KEEP',
    schema: daysOrOffSchema(36_500),
    default: 90,
    doc: 'Days for which jobs that are over are kept, with their deliveries and idempotency keys; workers delete older ones. `off` keeps them for ever. Lineage stays as long as its version.',
  }),
  shutdownTimeout: setting({
    key: 'shutdown.timeout',
    env: 'SHUTDOWN_TIMEOUT',
    schema: secondsSchema(1),
    default: 8,
    doc: 'Maximum of seconds that a process takes to end after SIGTERM. Running requests and jobs get three quarters of them; unfinished jobs are then released to other workers.',
  }),
};

/** Settings of webhooks. */
export const webhooksSettings = {
  webhookAllow: setting<string[]>({
    key: 'webhooks.allow',
    env: 'WEBHOOK_ALLOW',
    schema: addressRangesSchema,
    default: [],
    doc: 'Address ranges (CIDR, comma-separated) at which callbacks, webhooks, mirrors, icons and issuers of CI tokens may be although they are not public. Every process needs the same.',
  }),
  webhookTimeout: setting({
    key: 'webhooks.timeout',
    env: 'WEBHOOK_TIMEOUT',
    schema: secondsSchema(1),
    default: 15,
    doc: 'Maximum of seconds that one webhook call takes.',
  }),
  webhookLimit: setting({
    key: 'webhooks.limit',
    env: 'WEBHOOK_LIMIT',
    schema: wholeNumberSchema(1, 1_000),
    default: 20,
    doc: 'Maximum of webhooks of a space. Each of them may get a delivery for each event in it.',
  }),
  webhookPauseAfter: setting({
    key: 'webhooks.pause.after',
    env: 'WEBHOOK_PAUSE_AFTER',
    schema: wholeNumberSchema(0, 3_650),
    default: 3,
    doc: 'Days of failed calls, without one that was received, after which a webhook of a space is paused. 0 for never.',
  }),
  webhookKeep: setting({
    key: 'webhooks.keep',
    env: 'WEBHOOK_KEEP',
    schema: wholeNumberSchema(0, 3_650),
    default: 30,
    doc: 'Days for which ended deliveries of webhooks of spaces can be listed and replayed. 0 keeps them for ever.',
  }),
};
