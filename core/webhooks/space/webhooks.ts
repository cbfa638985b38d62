import type { Page, Paging } from '../../registry/registry.ts';
import { maskUrlPath } from '../mask-url.ts';
import { toWebhook, type Webhook, type WebhookRow, webhookColumns } from './webhook.ts';
import {
  lockWebhook,
  readWebhookRow,
  recordWebhookAudit,
  requireWebhookSpace,
  type WebhookDeps,
} from './webhook-space.ts';

/** Dependencies of reads. */
export type WebhookReadDeps = Pick<WebhookDeps, 'db' | 'actor' | 'sealer'>;

/** Lists the webhooks of a space, the oldest first. @throws {RegistryError} as `requireWebhookSpace` */
export async function listWebhooks(
  deps: WebhookReadDeps,
  space: string,
  paging: Paging,
): Promise<Page<Webhook>> {
  const { spaceId } = await requireWebhookSpace(deps, space);
  const [counted] = await deps.db.query<{ total: number }>(
    'SELECT count(*) AS total FROM webhooks WHERE space_id = $1',
    [spaceId],
  );
  const rows = await deps.db.query<WebhookRow>(
    `SELECT ${webhookColumns} FROM webhooks WHERE space_id = $1 ORDER BY number OFFSET $2 LIMIT $3`,
    [spaceId, paging.start, paging.limit],
  );
  return {
    total: counted?.total ?? 0,
    items: await Promise.all(rows.map((row) => toWebhook(deps.sealer, row))),
  };
}

/** Reads a webhook. @throws {RegistryError} `webhook.notFound`; as `requireWebhookSpace` */
export async function readWebhook(deps: WebhookReadDeps, space: string, id: string): Promise<Webhook> {
  return toWebhook(deps.sealer, await readWebhookRow(deps.db, await requireWebhookSpace(deps, space), id));
}

/**
 * Deletes a webhook: it is no longer shown or called. The worker deletes its deliveries, which may be many, and its row
 * (`deleteEndedWebhooks`).
 * @throws {RegistryError} `webhook.notFound`; as `requireWebhookSpace`
 */
export async function deleteWebhook(deps: WebhookReadDeps, space: string, id: string): Promise<void> {
  const webhookSpace = await requireWebhookSpace(deps, space);
  await deps.db.transaction(async (tx) => {
    const { url } = await lockWebhook(tx, deps, webhookSpace, id);
    await tx.query('UPDATE webhooks SET space_id = NULL WHERE id = $1', [id]);
    await recordWebhookAudit(tx, deps, webhookSpace, 'webhook.delete', {
      webhook: id,
      url: maskUrlPath(url),
    });
  });
}
