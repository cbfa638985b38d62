import type { Actor } from '../access/actor.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { type AuditEvent, type AuditRecord, createAuditRecord, toEventColumns } from './event.ts';

/**
 * Records an event in the transaction of its change: both are committed, or none.
 * The statement travels with the COMMIT, so it delays nobody who waits for a lock of the transaction. In a registry
 * with open access nothing is recorded but what operators' commands change.
 */
export async function recordAudit(tx: Transaction, actor: Actor, event: AuditEvent): Promise<void> {
  recordAuditRecords(tx, [await createAuditRecord(actor, event)]);
}

/**
 * Records events of several callers, whose changes share a transaction.
 * @param records results of `createAuditRecord`; those that are undefined are left out
 */
export function recordAuditRecords(tx: Transaction, records: readonly (AuditRecord | undefined)[]): void {
  const known = records.filter((record) => record !== undefined);
  if (known.length > 0) tx.atCommit(insertStatement, [toParameter(known)]);
}

/** Inserts records in a statement of their own, for what changes nothing: refusals and log-ins. */
export async function insertAuditRecords(db: Queryable, records: readonly AuditRecord[]): Promise<void> {
  await db.query(insertStatement, [toParameter(records)]);
}

function toParameter(records: readonly AuditRecord[]): string {
  return JSON.stringify(records.map(toEventColumns));
}

const insertedColumnsSql = `principal_kind, principal_id, principal, credential, token_id, token_name, action, needed_right, outcome,
  space, chart, version, digest_before, digest_after, door, address, agent, request_id, job_id, times, details`;

const insertStatement = `
  INSERT INTO audit_events (${insertedColumnsSql}, space_id)
  SELECT ${insertedColumnsSql}, (SELECT s.id FROM spaces s WHERE s.name = e.space)
    FROM jsonb_to_recordset($1::jsonb) AS e (
      principal_kind text, principal_id uuid, principal text, credential text, token_id text, token_name text,
      action text, needed_right text, outcome text, space text, chart text, version text, digest_before text,
      digest_after text, door text, address text, agent text, request_id text, job_id uuid, times integer,
      details jsonb)`;
