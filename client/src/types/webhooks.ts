import type { Delivery } from './jobs.ts';
import type { Json } from './json.ts';

/** Webhook of a space, without its secret. */
export interface Webhook {
  id: string;
  /** Address, with the values of its query masked. */
  url: string;
  description: string;
  /** Types of events, or groups of them, as `version.*`. */
  events: string[];
  /** Globs, of which the name of the chart must match one; null for all charts. */
  charts: string[] | null;
  state: 'active' | 'paused';
  paused: { since: string; reason: 'failing' | 'request'; message: string } | null;
  /** Failed attempts since the last call that was received. */
  failing: { since: string; attempts: number } | null;
  previousSecretUntil: string | null;
  createdAt: string;
  changedAt: string;
}

/** Webhook with the secret that the registry has made for it, which is shown once. */
export interface ShownWebhook extends Webhook {
  secret?: string;
}

/** Wanted webhook; without a secret the registry makes one. */
export interface NewWebhook {
  url: string;
  events: string[];
  charts?: string[] | null;
  description?: string;
  /** `whsec_` and 24 to 64 random bytes as base64. */
  secret?: string;
}

/** Change of a webhook; what is absent stays. */
export interface WebhookChange extends Partial<NewWebhook> {
  /** Whether the registry makes a new secret, which the answer shows once. */
  rotateSecret?: boolean;
  state?: 'active' | 'paused';
}

/** Delivery of a webhook. */
export interface WebhookDelivery extends Delivery {
  type: string;
  /** Null for a delivery that has ended. */
  nextAttemptAt: string | null;
}

/** Delivery of a webhook with its payload. */
export interface ShownWebhookDelivery extends WebhookDelivery {
  payload: { type: string; timestamp: string; [key: string]: Json };
}
