import type { Actor } from '../../access/actor.ts';
import type { Sealer } from '../../access/sealer.ts';
import type { AuditDetails } from '../../audit/details.ts';
import type { AuditEvent } from '../../audit/event.ts';
import { recordAudit } from '../../audit/record.ts';
import type { Database, Queryable, Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import { checkSpaceName } from '../../registry/names.ts';
import { explainMissing } from '../../registry/not-found.ts';
import { findSpaceId } from '../../registry/space-rows.ts';
import { isUuid } from '../../runtime/is-uuid.ts';
import type { AddressGuard } from '../guard.ts';
import { type WebhookRow, webhookColumns } from './webhook.ts';

/** Dependencies of the use cases on webhooks of spaces. */
export interface WebhookDeps {
  db: Database;
  actor: Actor;
  /** Checks addresses. */
  guard: AddressGuard;
  /** Seals secrets. */
  sealer: Sealer;
  /** Largest number of webhooks of a space. */
  maxWebhooks: number;
  /** Enqueues deliveries after their commit; those that do not reach the queue are left to the sweep. */
  enqueue(deliveries: readonly string[]): Promise<void>;
}

/** Space whose webhooks the actor may manage. A space that is made again under the name has another id. */
export interface WebhookSpace {
  space: string;
  spaceId: number;
}

const webhookRight = 'webhook.manage';

/**
 * Finds a space whose webhooks the actor may manage.
 * @throws {RegistryError} `name.invalid`, those of a missing right, `space.notFound`
 */
export async function requireWebhookSpace(
  { db, actor }: Pick<WebhookDeps, 'db' | 'actor'>,
  space: string,
): Promise<WebhookSpace> {
  checkSpaceName(space);
  const spaceId = await findSpaceId(db, space);
  await actor.require(webhookRight, { space, spaceId });
  if (spaceId === undefined) throw await explainMissing(db, { space }, await actor.scope());
  return { space, spaceId };
}

/**
 * Locks a space against its deletion, and its webhooks against other additions. The right is checked once more.
 * @throws {RegistryError} `space.notFound` for a space that has gone meanwhile, those of a missing right
 */
export async function lockWebhookSpace(
  tx: Transaction,
  { actor }: Pick<WebhookDeps, 'actor'>,
  webhookSpace: WebhookSpace,
): Promise<void> {
  const { space, spaceId } = webhookSpace;
  await tx.query(
    "SELECT pg_advisory_xact_lock(hashtextextended('the webhooks of space ' || $1::bigint, 0))",
    [spaceId],
  );
  const found = await tx.query('SELECT id FROM spaces WHERE id = $1 FOR KEY SHARE', [spaceId]);
  await actor.confirm(tx, webhookRight, webhookSpace);
  if (found.length === 0) throw await explainMissing(tx, { space }, await actor.scope());
}

/** Locks of rows: against other changes, or against deletion alone. */
type RowLock = 'FOR NO KEY UPDATE' | 'FOR KEY SHARE';

/**
 * Locks a webhook, and checks the right once more.
 * @param lock against other changes by default. What writes a delivery locks against deletion alone: workers lock a
 *   delivery first, and its webhook then
 * @throws {RegistryError} `webhook.notFound`, those of a missing right
 */
export async function lockWebhook(
  tx: Transaction,
  { actor }: Pick<WebhookDeps, 'actor'>,
  webhookSpace: WebhookSpace,
  id: string,
  lock: RowLock = 'FOR NO KEY UPDATE',
): Promise<WebhookRow> {
  const row = await findWebhook(tx, webhookSpace, id, lock);
  await actor.confirm(tx, webhookRight, webhookSpace);
  return row ?? throwWebhookNotFound(webhookSpace);
}

/** Reads a webhook. @throws {RegistryError} `webhook.notFound` */
export async function readWebhookRow(
  db: Queryable,
  webhookSpace: WebhookSpace,
  id: string,
): Promise<WebhookRow> {
  return (await findWebhook(db, webhookSpace, id)) ?? throwWebhookNotFound(webhookSpace);
}

async function findWebhook(
  db: Queryable,
  { spaceId }: WebhookSpace,
  id: string,
  lock: RowLock | '' = '',
): Promise<WebhookRow | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await db.query<WebhookRow>(
    `SELECT ${webhookColumns} FROM webhooks WHERE id = $1 AND space_id = $2 ${lock}`,
    [id, spaceId],
  );
  return row;
}

function throwWebhookNotFound({ space }: WebhookSpace): never {
  throw new RegistryError(
    'webhook.notFound',
    `Space ${space} has no such webhook. List its webhooks to see their ids.`,
  );
}

/** Records in the audit a change of a webhook, or a requested call. */
export function recordWebhookAudit(
  tx: Transaction,
  { actor }: Pick<WebhookDeps, 'actor'>,
  { space }: WebhookSpace,
  action: AuditEvent['action'],
  details: AuditDetails,
): Promise<void> {
  return recordAudit(tx, actor, { action, right: webhookRight, space, details });
}
