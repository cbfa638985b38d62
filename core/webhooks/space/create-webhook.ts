import { randomBytes, randomUUID } from 'node:crypto';
import type { Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import { sealAddressIfOpenable, webhookAddressContext } from '../addresses.ts';
import { webhookContext } from '../callback-secrets.ts';
import { maskUrlPath } from '../mask-url.ts';
import { checkSettings, type WebhookSettings } from './check-webhook.ts';
import { type ShownWebhook, toWebhook, type WebhookRow, webhookColumns } from './webhook.ts';
import {
  lockWebhookSpace,
  recordWebhookAudit,
  requireWebhookSpace,
  type WebhookDeps,
  type WebhookSpace,
} from './webhook-space.ts';

/** Makes a secret as Standard Webhooks recommends it. */
export function makeWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/**
 * Creates a webhook of a space. Without a secret the registry makes one, which is shown this once.
 * @throws {RegistryError} `webhook.invalid`, `webhook.tooMany`, `space.notFound`, those of a missing right
 */
export async function createWebhook(
  deps: WebhookDeps,
  space: string,
  settings: WebhookSettings,
): Promise<ShownWebhook> {
  const webhookSpace = await requireWebhookSpace(deps, space);
  const { url, description = '', events, charts = null, secret } = checkSettings(settings, deps.guard);
  const id = randomUUID();
  const made = secret === undefined ? makeWebhookSecret() : undefined;
  const sealed = deps.sealer.seal(secret ?? made ?? '', webhookContext(id));
  const address = await sealAddressIfOpenable(deps, url, webhookAddressContext(id));
  return deps.db.transaction(async (tx) => {
    await lockWebhookSpace(tx, deps, webhookSpace);
    await assertFewWebhooks(tx, webhookSpace, deps.maxWebhooks);
    const [created] = await tx.query<WebhookRow>(
      `INSERT INTO webhooks (id, space_id, url, description, secret, events, charts)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${webhookColumns}`,
      [id, webhookSpace.spaceId, address, description, sealed, events, charts],
    );
    if (!created) throw new Error('the INSERT of a webhook added no row');
    await recordWebhookAudit(tx, deps, webhookSpace, 'webhook.create', {
      ...{ webhook: id, url: maskUrlPath(url), events, charts: charts ?? undefined },
    });
    return { ...(await toWebhook(deps.sealer, created)), ...(made === undefined ? {} : { secret: made }) };
  });
}

async function assertFewWebhooks(
  tx: Transaction,
  { space, spaceId }: WebhookSpace,
  max: number,
): Promise<void> {
  const [counted] = await tx.query<{ webhooks: number }>(
    'SELECT count(*) AS webhooks FROM webhooks WHERE space_id = $1',
    [spaceId],
  );
  if ((counted?.webhooks ?? 0) < max) return;
  throw new RegistryError(
    'webhook.tooMany',
    `Space ${space} has ${max} webhooks, and cannot have more. Delete some, or have the operator raise WEBHOOK_LIMIT.`,
  );
}
