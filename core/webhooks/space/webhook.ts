import type { Sealer } from '../../access/sealer.ts';
import { maskStoredAddress, webhookAddressContext } from '../addresses.ts';

/** Reasons for which a webhook is paused: it has failed for days, or somebody asked for it. */
export const pauseReasons = ['failing', 'request'] as const;
/** Reason for which a webhook is paused. */
export type PauseReason = (typeof pauseReasons)[number];

/** Webhook of a space, without its secret. */
export interface Webhook {
  id: string;
  /** URL with the values of its query masked; see `maskUrl`. */
  url: string;
  description: string;
  /** Types of events, and groups of them. */
  events: string[];
  /** Globs of chart names; null for all charts. */
  charts: string[] | null;
  state: 'active' | 'paused';
  /** Null for an active webhook. */
  paused: { since: Date; reason: PauseReason; message: string } | null;
  /** Failed attempts since the last call that was received; null where the last one was. */
  failing: { since: Date; attempts: number } | null;
  /** Time until which calls are also signed with the secret before the last change. */
  previousSecretUntil: Date | null;
  createdAt: Date;
  changedAt: Date;
}

/** Webhook with a secret that the registry has made, which is shown this once. */
export type ShownWebhook = Webhook & { secret?: string };

/** Row of a webhook, with the columns of `webhookColumns`. */
export interface WebhookRow {
  id: string;
  /** Address as `openAddress` opens it. */
  url: string;
  description: string;
  sealedSecret: string;
  previousUntil: Date | null;
  events: string[];
  charts: string[] | null;
  pausedAt: Date | null;
  pauseReason: PauseReason | null;
  failingSince: Date | null;
  failures: number;
  createdAt: Date;
  changedAt: Date;
}

/** SQL columns that `toWebhook` reads. */
export const webhookColumns = `id, url, description, secret AS "sealedSecret",
  CASE WHEN previous_until > now() THEN previous_until END AS "previousUntil", events, charts,
  paused_at AS "pausedAt", pause_reason AS "pauseReason", failing_since AS "failingSince", failures,
  created_at AS "createdAt", changed_at AS "changedAt"`;

/** Makes a webhook of its row, in the form of the API. */
export async function toWebhook(sealer: Sealer, row: WebhookRow): Promise<Webhook> {
  const { id, description, events, charts, pausedAt, pauseReason, failingSince, failures } = row;
  const url = await maskStoredAddress(sealer, row.url, webhookAddressContext(id));
  return {
    ...{ id, url, description, events, charts },
    state: pausedAt === null ? 'active' : 'paused',
    paused:
      pausedAt === null || pauseReason === null
        ? null
        : { since: pausedAt, reason: pauseReason, message: explainPause(pauseReason) },
    failing: failingSince === null ? null : { since: failingSince, attempts: failures },
    previousSecretUntil: row.previousUntil,
    ...{ createdAt: row.createdAt, changedAt: row.changedAt },
  };
}

const resumeRemedy =
  'It gets no calls, and those for events meanwhile are not made later. Set its state to active to resume it.';

function explainPause(reason: PauseReason): string {
  return reason === 'failing'
    ? `No call was received for days, so the registry has paused this webhook. ${resumeRemedy}`
    : `Somebody has paused this webhook. ${resumeRemedy}`;
}
