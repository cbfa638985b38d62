import { toAuditRecord } from '../../audit/event.ts';
import { recordAuditRecords } from '../../audit/record.ts';
import type { Database } from '../../db/port.ts';
import { announceAll, type SpaceAnnouncement } from '../../webhooks/announce.ts';
import { systemCaller } from '../principal.ts';
import { principalNameSql } from './names.ts';
import { expiryNoticeDays } from './token-rows.ts';

/** Token that expires soon. */
export interface ExpiringToken {
  id: string;
  name: string;
  /** Principal that it acts as, such as `account:lib/ci`. */
  owner: string;
  expiresAt: Date;
  /** Space of an owner that is a service account of one; null for all others. */
  space: string | null;
  spaceId: number | null;
}

/** Tokens that one transaction announces. */
const batchSize = 100;

/**
 * SQL that marks the tokens to announce and returns them. Those that live no longer than `expiryNoticeDays`
 * are left out: who makes one knows its end. Tokens that another transaction has locked are left to the next look.
 */
const markAnnouncedStatement = `
  WITH due AS (
    SELECT t.id FROM tokens t JOIN principals p ON p.id = t.principal_id
     WHERE t.revoked_at IS NULL AND t.expires_at > now() AND t.expires_at <= now() + ${expiryNoticeDays} * interval '1 day'
       AND t.expires_at > t.created_at + ${expiryNoticeDays} * interval '1 day'
       AND t.announced_end IS DISTINCT FROM t.expires_at AND NOT p.disabled
     ORDER BY t.expires_at, t.id LIMIT ${batchSize} FOR NO KEY UPDATE OF t SKIP LOCKED
  ), taken AS (
    UPDATE tokens t SET announced_end = t.expires_at FROM due WHERE t.id = due.id RETURNING t.*
  )
  SELECT t.id, t.name, ${principalNameSql('p', 's')} AS owner, t.expires_at AS "expiresAt", s.name AS space, s.id AS "spaceId"
    FROM taken t JOIN principals p ON p.id = t.principal_id LEFT JOIN spaces s ON s.id = p.space_id
   ORDER BY t.expires_at, t.id`;

/**
 * Announces tokens that expire within a week, each end once. The audit records them, and webhooks of a space are called
 * for those of its service accounts. Several processes may do it at once; each token is announced by one of them.
 * @param onAnnounced gets the tokens of each batch after its commit
 * @param signal ends the work before its next batch
 */
export async function announceExpiringTokens(
  db: Database,
  onAnnounced: (tokens: readonly ExpiringToken[]) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let taken = batchSize; taken === batchSize && !signal?.aborted; ) {
    const tokens = await db.transaction(async (tx) => {
      const found = await tx.query<ExpiringToken>(markAnnouncedStatement);
      await announceAll(tx, found.flatMap(toAnnouncements));
      recordAuditRecords(tx, found.map(toExpiryRecord));
      return found;
    });
    onAnnounced(tokens);
    taken = tokens.length;
  }
}

/** Makes the event for the webhooks of a space. The name of a token is for those who manage it; its id is not secret. */
function toAnnouncements({ id, owner, expiresAt, space, spaceId }: ExpiringToken): SpaceAnnouncement[] {
  if (spaceId === null) return [];
  const data = { space, owner, token: id, expiresAt, chart: undefined };
  return [{ spaceId, type: 'token.expiring', data }];
}

function toExpiryRecord({ id, name, owner, expiresAt, space }: ExpiringToken) {
  return toAuditRecord(
    systemCaller,
    { door: 'worker' },
    {
      action: 'token.expiring',
      ...(space === null ? {} : { space }),
      details: { token: id, tokenName: name, owner, expiresAt: expiresAt.toISOString() },
    },
  );
}
