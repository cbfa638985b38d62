import type { Context as HonoContext } from 'hono';
import type { WebhookDeps } from '../../../core/webhooks/space/webhook-space.ts';
import type { Env } from '../../http/env.ts';

/** Makes the dependencies of the use cases on webhooks, with the sender of a request as their actor. */
export type WebhookDepsOf = (c: HonoContext<Env>) => WebhookDeps;
