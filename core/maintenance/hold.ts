import type { Queryable, Transaction } from '../db/port.ts';

/** Hold of a registry. */
export interface Hold {
  reason: string;
  heldAt: Date;
  /** `heldAt` as PostgreSQL writes it, which tells one hold from another. */
  since: string;
}

/** Thrown by work that has begun before the registry was held, and ends now. */
export class RegistryHeldError extends Error {
  override name = 'RegistryHeld';
}

/**
 * SQL condition of every claim: false while the registry is held.
 * Each claim asks for itself, so that a hold counts from its commit on, for every worker.
 */
export const notHeldSql = 'NOT EXISTS (SELECT FROM holds)';

/** Advisory lock that batches have shared until they commit, and that a hold waits for. */
const batchLockKeySql = "hashtextextended('batches before a hold', 0)";

/**
 * Locks against a hold until the end of a transaction. A hold that is set meanwhile waits for the commit. The next
 * statement of the transaction sees every hold before.
 */
export async function lockAgainstHold(tx: Transaction): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock_shared(${batchLockKeySql})`);
}

/** Locks against a hold, as `lockAgainstHold`. @throws {RegistryHeldError} where the registry is held already */
export async function assertNotHeld(tx: Transaction): Promise<void> {
  const locked = lockAgainstHold(tx);
  const [, held] = await Promise.all([locked, tx.query('SELECT FROM holds')]);
  if (held.length > 0) throw new RegistryHeldError('the registry is held');
}

/**
 * Holds the registry. A registry that is held already keeps its first time and gets the new reason. Resolves once the
 * batches are committed that have begun before: of garbage collections, runs of retention and mirrors.
 */
export async function holdRegistry(db: Queryable, reason: string): Promise<void> {
  await db.query('INSERT INTO holds (reason) VALUES ($1) ON CONFLICT (id) DO UPDATE SET reason = $1', [
    reason,
  ]);
  await db.query(`SELECT pg_advisory_xact_lock(${batchLockKeySql})`);
}

/** Ends the hold. Jobs and deliveries that have waited are found by the next sweep. @returns whether there was one */
export async function resumeRegistry(db: Queryable): Promise<boolean> {
  return (await db.query('DELETE FROM holds RETURNING id')).length > 0;
}

/** Reads the hold. @returns undefined where the registry is not held */
export async function readHold(db: Queryable): Promise<Hold | undefined> {
  const [hold] = await db.query<Hold>(
    'SELECT reason, held_at AS "heldAt", held_at::text AS since FROM holds',
  );
  return hold;
}

/** Work that a hold would stop, counted. */
export interface WaitingWork {
  jobs: number;
  deliveries: number;
  follows: number;
  mirrors: number;
  /** Spaces whose retention is due, or whose run is open. */
  retentions: number;
}

/** Counts what begins when the hold ends. */
export async function countWaitingWork(db: Queryable): Promise<WaitingWork> {
  const [counted] = await db.query<WaitingWork>(
    `SELECT (SELECT count(*) FROM jobs WHERE state IN ('queued', 'running'))::int AS jobs,
            (SELECT count(*) FROM deliveries WHERE state = 'pending')::int AS deliveries,
            (SELECT count(*) FROM follows WHERE due_at IS NOT NULL)::int AS follows,
            (SELECT count(*) FROM mirrors WHERE due_at <= now() OR EXISTS (
               SELECT FROM mirror_runs r WHERE r.mirror_id = mirrors.id AND r.state = 'running'))::int AS mirrors,
            (SELECT count(*) FROM retention t WHERE next_run_at <= now() OR EXISTS (
               SELECT FROM retention_runs r WHERE r.space_id = t.space_id AND r.state = 'running'))::int AS retentions`,
  );
  return counted ?? { jobs: 0, deliveries: 0, follows: 0, mirrors: 0, retentions: 0 };
}
