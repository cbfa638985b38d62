import type { Transaction } from '../../db/port.ts';
import { sealAddressIfOpenable, webhookAddressContext } from '../addresses.ts';
import { createWebhookDeliveries, writePayload } from '../announce.ts';
import { webhookContext } from '../callback-secrets.ts';
import { resumedEventType } from '../event-types.ts';
import { maskUrlPath } from '../mask-url.ts';
import { checkSettings, type PartialSettings, webhookSettingsError } from './check-webhook.ts';
import { makeWebhookSecret } from './create-webhook.ts';
import { type ShownWebhook, toWebhook, type WebhookRow, webhookColumns } from './webhook.ts';
import {
  lockWebhook,
  recordWebhookAudit,
  requireWebhookSpace,
  type WebhookDeps,
  type WebhookSpace,
} from './webhook-space.ts';

/** Change of a webhook; what is absent stays. */
export interface WebhookChange extends PartialSettings {
  state?: 'active' | 'paused' | undefined;
  /** Whether the registry makes a new secret. */
  rotateSecret?: boolean | undefined;
}

/** Hours for which calls are signed with the secret before the last change too. */
const secretOverlapHours = 24;

/**
 * Changes, pauses or resumes a webhook. A new secret counts with the next attempt; the former one signs along for a
 * day. A webhook that is resumed gets a call that says since when it was paused.
 * @throws {RegistryError} `webhook.invalid`, `webhook.notFound`, those of a missing right
 */
export async function changeWebhook(
  deps: WebhookDeps,
  space: string,
  id: string,
  requested: WebhookChange,
): Promise<ShownWebhook> {
  const webhookSpace = await requireWebhookSpace(deps, space);
  const change = checkSettings(requested, deps.guard);
  const made = change.rotateSecret ? makeWebhookSecret() : undefined;
  if (made !== undefined && change.secret !== undefined)
    throw webhookSettingsError('/rotateSecret', 'Give either a secret, or rotateSecret to have one made.');
  const { changed, owed } = await deps.db.transaction(async (tx) => {
    const before = await lockWebhook(tx, deps, webhookSpace, id);
    const changed = await updateWebhookRow(tx, deps, before, { ...change, secret: change.secret ?? made });
    const owed = changed.pausedAt === null ? await announceResumed(tx, webhookSpace, before) : [];
    await recordWebhookAudit(tx, deps, webhookSpace, 'webhook.change', auditDetailsOf(before.id, change));
    return { changed, owed };
  });
  await deps.enqueue(owed);
  return { ...(await toWebhook(deps.sealer, changed)), ...(made === undefined ? {} : { secret: made }) };
}

async function updateWebhookRow(
  tx: Transaction,
  { sealer }: WebhookDeps,
  { id }: WebhookRow,
  { url, description, events, charts, state, secret }: WebhookChange,
): Promise<WebhookRow> {
  const sealed = secret === undefined ? null : sealer.seal(secret, webhookContext(id));
  const address =
    url === undefined
      ? null
      : await sealAddressIfOpenable({ db: tx, sealer }, url, webhookAddressContext(id));
  const [changed] = await tx.query<WebhookRow>(
    `UPDATE webhooks SET url = coalesce($2, url), description = coalesce($3, description),
            events = coalesce($4, events), charts = CASE WHEN $5 THEN $6 ELSE charts END,
            previous_secret = CASE WHEN $7::text IS NULL THEN previous_secret ELSE secret END,
            previous_until = CASE WHEN $7::text IS NULL THEN previous_until ELSE now() + make_interval(hours => $8) END,
            secret = coalesce($7, secret),
            paused_at = CASE $9::text WHEN 'active' THEN NULL WHEN 'paused' THEN coalesce(paused_at, now()) ELSE paused_at END,
            pause_reason = CASE $9::text WHEN 'active' THEN NULL WHEN 'paused' THEN coalesce(pause_reason, 'request') ELSE pause_reason END,
            failing_since = CASE WHEN $9 = 'active' OR $2 IS NOT NULL THEN NULL ELSE failing_since END,
            failures = CASE WHEN $9 = 'active' OR $2 IS NOT NULL THEN 0 ELSE failures END,
            changed_at = now()
      WHERE id = $1 RETURNING ${webhookColumns}`,
    [
      ...[id, address, description ?? null, events ?? null, charts !== undefined, charts ?? null],
      ...[sealed, secretOverlapHours, state ?? null],
    ],
  );
  if (!changed) throw new Error('a webhook that is locked has gone');
  return changed;
}

/** Tells the receiver of a webhook that was paused of the gap. */
async function announceResumed(
  tx: Transaction,
  { space }: WebhookSpace,
  before: WebhookRow,
): Promise<string[]> {
  const { id, pausedAt, pauseReason } = before;
  if (pausedAt === null) return [];
  const now = new Date();
  const data = { space, webhook: id, pausedAt, reason: pauseReason, resumedAt: now };
  return createWebhookDeliveries(tx, [
    { webhookIds: [id], type: resumedEventType, payload: writePayload(resumedEventType, now, data) },
  ]);
}

/** Names what is changed, without secrets. */
function auditDetailsOf(id: string, change: WebhookChange) {
  const { url, events, charts, state, secret, rotateSecret, description } = change;
  return {
    webhook: id,
    url: url === undefined ? undefined : maskUrlPath(url),
    events,
    charts: charts ?? undefined,
    allCharts: charts === null ? true : undefined,
    state,
    newSecret: secret !== undefined || rotateSecret ? true : undefined,
    newDescription: description === undefined ? undefined : true,
  };
}
