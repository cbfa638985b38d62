import { z } from '@hono/zod-openapi';
import type { App } from '../../http/env.ts';
import { job } from '../../job-schemas.ts';
import { describeJsonBody } from '../admin/admin-route.ts';

const version = z.object({ space: z.string(), chart: z.string(), version: z.string(), link: z.string() });
const digest = z.string().openapi({ example: 'sha256:…' });
const author = z
  .string()
  .optional()
  .openapi({ description: 'Principal that published the archive, where access is guarded.' });
const follow = z.object({
  space: z.string(),
  chart: z.string(),
  from: z.string().optional().openapi({ description: 'Version whose recipe was composed again.' }),
  version: z.string().optional(),
  job: z.string().optional().openapi({ description: 'Path of the job.' }),
  error: z.string().optional().openapi({ description: 'Code of the error.' }),
});
const mirror = z.object({
  space: z.string(),
  run: z.int(),
  state: z.enum(['complete', 'incomplete', 'failed']),
  counts: z.record(z.string(), z.int()).openapi({ description: 'Versions as the run has them.' }),
  error: z.string().optional().openapi({ description: 'Code of the error.' }),
});
const quota = z.object({
  space: z.string(),
  quota: z.enum(['bytes', 'versions']),
  used: z.int(),
  limit: z.int(),
});
const retention = z.object({
  space: z.string(),
  run: z.uuid(),
  examined: z.int(),
  due: z.int().openapi({ description: 'Versions that were found to go.' }),
  deleted: z.int(),
  bytes: z.int(),
  error: z.string().optional().openapi({ description: 'Code of the error.' }),
});
const token = z.object({
  space: z.string(),
  owner: z.string().openapi({ description: 'Service account of the space.', example: 'account:team-a/ci' }),
  token: z.string().openapi({ description: 'Id of the token, which is not secret.' }),
  expiresAt: z.iso.datetime(),
});
const webhook = z.object({ space: z.string(), webhook: z.uuid() });

/** Data of the calls by their types, and what each type means. */
const payloads: Record<string, { summary: string; data: z.ZodType }> = {
  'version.published': {
    summary: 'A version is new',
    data: version.extend({ digest, author }),
  },
  'version.replaced': {
    summary: 'A version has another archive',
    data: version.extend({ digest, digestBefore: digest, author }),
  },
  'version.deleted': {
    summary: 'A version was deleted',
    data: version.extend({ digestBefore: digest, author }),
  },
  'job.succeeded': { summary: 'A chart was composed', data: job },
  'job.failed': { summary: 'A chart could not be composed', data: job },
  'job.cancelled': { summary: 'A job was cancelled', data: job },
  'follow.composed': { summary: 'A chart was composed anew, since its sources changed', data: follow },
  'follow.failed': { summary: 'A chart could not be composed anew', data: follow },
  'mirror.completed': { summary: 'A run of a mirror has copied what there was', data: mirror },
  'mirror.failed': { summary: 'A run of a mirror has not copied all that there was', data: mirror },
  'quota.near': { summary: 'A space has come to use 85 % of a quota', data: quota },
  'retention.succeeded': { summary: 'A run of retention has deleted what it found', data: retention },
  'retention.halted': {
    summary: 'A run of retention has ended before it deleted what it found',
    data: retention,
  },
  'retention.failed': { summary: 'A run of retention makes no progress', data: retention },
  'token.expiring': {
    summary: 'A token of a service account of the space expires within a week',
    data: token,
  },
  'webhook.test': { summary: 'Somebody tests the webhook', data: webhook },
  'webhook.resumed': {
    summary: 'The webhook was paused, and is no longer: events in between were not delivered',
    data: webhook.extend({
      pausedAt: z.iso.datetime(),
      reason: z.string(),
      resumedAt: z.iso.datetime(),
    }),
  },
};

const headers = z.object({
  'webhook-id': z
    .string()
    .openapi({ description: 'Id of the delivery, the same in every attempt and replay.' }),
  'webhook-timestamp': z.string().openapi({ description: 'Seconds of the attempt since 1970.' }),
  'webhook-signature': z
    .string()
    .optional()
    .openapi({ description: '`v1,` and base64; two after a new secret.' }),
});

/** Describes the calls that receivers get, in the section `webhooks` of `/openapi.json`. */
export function describePayloads(app: App): void {
  for (const [type, { summary, data }] of Object.entries(payloads)) {
    app.openAPIRegistry.registerWebhook({
      method: 'post',
      path: type,
      tags: ['Calls to webhooks'],
      operationId: operationOf(type),
      summary,
      description: `Receivers get it where they asked for \`${type}\`; any answer of 2xx confirms it.`,
      security: [],
      request: {
        headers,
        body: describeJsonBody(z.object({ type: z.literal(type), timestamp: z.iso.datetime(), data })),
      },
      responses: { '2XX': { description: 'Received. Any other answer has the call repeated.' } },
    });
  }
}

/** Names the handler of a type in generated programs: `onJobFailed` for `job.failed`. */
function operationOf(type: string): string {
  const words = type.split('.').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `on${words.join('')}`;
}
