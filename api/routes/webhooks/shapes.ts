import { z } from '@hono/zod-openapi';
import { eventSelectors } from '../../../core/webhooks/event-types.ts';
import { pauseReasons } from '../../../core/webhooks/space/webhook.ts';
import { delivery } from '../../job-schemas.ts';
import { pageQuery, spaceParams } from '../../schemas.ts';
import { pageSchemaOf } from '../admin/admin-route.ts';

/** Path parameters of a webhook. */
export const webhookParams = spaceParams.extend({ webhook: z.string() });
/** Path parameters of a delivery of a webhook. */
export const deliveryParams = webhookParams.extend({ delivery: z.string() });
/** Query of a list of deliveries. */
export const deliveryQuery = pageQuery.extend({
  state: z.enum(['pending', 'succeeded', 'failed'], 'expected pending, succeeded or failed').optional(),
});

const events = z.array(z.string()).openapi({
  description: `Types of events, or groups of them: ${eventSelectors.join(', ')}.`,
  example: ['version.*', 'job.failed'],
});
const charts = z
  .array(z.string())
  .nullable()
  .openapi({ description: 'Globs, of which the name of the chart must match one; null for all charts.' });
const url = z.string().openapi({ example: 'https://example.com/hook' });
const secret = z
  .string()
  .openapi({ description: '`whsec_` and 24 to 64 random bytes as base64. It is never shown again.' });

/** Body that creates a webhook. */
export const newWebhook = z.strictObject({
  url,
  events,
  charts: charts.optional(),
  description: z.string().optional(),
  secret: secret.optional(),
});

/** Body that changes a webhook. */
export const webhookChange = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  charts: charts.optional(),
  description: z.string().optional(),
  secret: secret.optional(),
  rotateSecret: z
    .boolean()
    .optional()
    .openapi({ description: 'Whether the registry makes a new secret, which the answer shows once.' }),
  state: z.enum(['active', 'paused'], 'expected active or paused').optional(),
});

const webhookFields = z.object({
  id: z.uuid(),
  url: z.string().openapi({ description: 'With the values of its query masked.' }),
  description: z.string(),
  events,
  charts,
  state: z.enum(['active', 'paused']),
  paused: z.object({ since: z.iso.datetime(), reason: z.enum(pauseReasons), message: z.string() }).nullable(),
  failing: z
    .object({ since: z.iso.datetime(), attempts: z.int() })
    .nullable()
    .openapi({ description: 'Failed attempts since the last call that was received.' }),
  previousSecretUntil: z.iso
    .datetime()
    .nullable()
    .openapi({ description: 'Time until which calls are signed with the secret before, too.' }),
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
});
/** Webhook without its secret. */
export const webhookShape = webhookFields.openapi('Webhook');
/** Webhook with the secret that the registry has made for it. */
export const shownWebhook = webhookFields
  .extend({
    secret: z
      .string()
      .optional()
      .openapi({ description: 'The secret that the registry has made; shown this once.' }),
  })
  .openapi('ShownWebhook');
/** Page of webhooks. */
export const webhookList = pageSchemaOf(webhookShape, 'WebhookList');

const deliveryFields = delivery.extend({
  type: z.string(),
  nextAttemptAt: z.iso.datetime().nullable().openapi({ description: 'Null for a delivery that has ended.' }),
});
/** Delivery of a webhook. */
export const webhookDelivery = deliveryFields.openapi('WebhookDelivery');
/** Page of deliveries of a webhook. */
export const webhookDeliveryList = pageSchemaOf(webhookDelivery, 'WebhookDeliveryList');
/** Delivery of a webhook with its payload. */
export const shownDelivery = deliveryFields
  .extend({ payload: z.looseObject({ type: z.string(), timestamp: z.iso.datetime() }) })
  .openapi('ShownWebhookDelivery');
