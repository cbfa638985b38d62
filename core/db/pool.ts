import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CoalescingSocket } from './coalescing-socket.ts';
import { destroyOnParseError } from './destroy-on-parse-error.ts';
import type { Database, Transaction } from './port.ts';
import { withServerOptions } from './server-options.ts';
import { sqlState, sqlStateOf } from './sql-state.ts';
import { createStatementNamer, type StatementNamer } from './statement-names.ts';
import { typeParsers } from './types.ts';

/** Options of a pool. */
export interface PoolOptions {
  /** postgres://user:password@host:port/database */
  url: string;
  /** Name of the connections in pg_stat_activity. */
  applicationName: string;
  /** Settings of every connection besides those that all have, as `name=value`. */
  settings?: readonly string[];
  /** Maximum number of connections; default 10. */
  max?: number;
  /** Milliseconds after which the server cancels a statement; default 30,000. */
  statementTimeoutMs?: number;
  /** Called when an idle connection breaks; the pool replaces it by itself. */
  onError: (error: Error) => void;
}

/**
 * Options of every connection: no sequential scans, no JIT. A connection keeps the plan of a statement. A plan
 * made while a table was empty would read the whole table for ever; every query has an index. JIT takes longer
 * than these statements; PostgreSQL chooses it by wrong estimates, as of the depth of a recursion.
 */
const serverOptions = ['enable_seqscan=off', 'jit=off'];

const transactionAttempts = 5;
const retriedSqlStates: readonly (string | undefined)[] = [
  sqlState.serializationFailure,
  sqlState.deadlockDetected,
];

/** Creates a pool that connects on demand, so this succeeds also while PostgreSQL is down. */
export function createPool(options: PoolOptions): Database {
  const pool = new pg.Pool({
    connectionString: withServerOptions(options.url, [...serverOptions, ...(options.settings ?? [])]),
    application_name: options.applicationName,
    max: options.max ?? 10,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    // A process that hangs between two statements would keep its row locks for ever.
    idle_in_transaction_session_timeout: 60_000,
    types: typeParsers,
    // Send queries that do not wait for one another together: most of their cost is a packet each.
    pipeline: true,
    stream: () => new CoalescingSocket(),
  });
  pool.on('error', options.onError);
  pool.on('connect', (client) => destroyOnParseError(client.connection.stream));
  const toQuery = createStatementNamer();
  let closed: Promise<void> | undefined;

  return {
    async query<T extends object>(sql: string, params?: readonly unknown[]): Promise<T[]> {
      return (await pool.query<T>(toQuery(sql, params))).rows;
    },
    async transaction(fn) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await runTransaction(pool, options.onError, toQuery, fn);
        } catch (error) {
          if (attempt >= transactionAttempts || !retriedSqlStates.includes(sqlStateOf(error))) throw error;
        }
        // Wait for a random time, or the same two transactions collide again.
        await sleep(Math.random() * 10 * 2 ** attempt);
      }
    },
    connections: () => ({
      busy: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    close() {
      closed ??= pool.end();
      return closed;
    },
  };
}

async function runTransaction<T>(
  pool: pg.Pool,
  onError: (error: Error) => void,
  toQuery: StatementNamer,
  fn: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  const { tx, atCommit, end, rootCause } = openTransaction(client, toQuery);
  let broken: Error | undefined;
  // pg removes its own listener while a client is lent, and an error event without a listener ends the process.
  const onClientError = (error: Error) => {
    broken = error;
    onError(error);
  };
  client.on('error', onClientError);
  try {
    // BEGIN travels with the first statement. If BEGIN fails (an administrator may cancel it), that statement
    // has run outside a transaction, and the following ones must not.
    const started = client.query('BEGIN');
    started.catch(end);
    const result = await fn(tx);
    end();
    await started;
    const last = Promise.all(atCommit.map((statement) => client.query(statement)));
    const [, { command }] = await Promise.all([last, client.query('COMMIT')]);
    // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK and no error.
    if (command !== 'COMMIT')
      throw new Error('the transaction was rolled back because a statement in it failed');
    return result;
  } catch (error) {
    end();
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken ??= rollbackError;
    });
    throw rootCause(error);
  } finally {
    client.off('error', onClientError);
    client.release(broken);
  }
}

interface OpenTransaction {
  tx: Transaction;
  /** Statements to send with the COMMIT. */
  atCommit: readonly pg.QueryConfig[];
  /**
   * Marks the transaction as ended. If one concurrent caller fails, the others' statements must not run outside
   * the transaction or inside the connection's next one.
   */
  end(reason?: Error): void;
  /** Returns the error of the first statement that failed; PostgreSQL only refuses the statements after it. */
  rootCause(error: unknown): unknown;
}

function openTransaction(client: pg.PoolClient, toQuery: StatementNamer): OpenTransaction {
  let ended: Error | undefined;
  let failed: unknown;
  const atCommit: pg.QueryConfig[] = [];
  return {
    atCommit,
    tx: {
      atCommit: (sql, params) => void atCommit.push(toQuery(sql, params)),
      async query<T extends object>(sql: string, params?: readonly unknown[]): Promise<T[]> {
        if (ended) throw ended;
        try {
          return (await client.query<T>(toQuery(sql, params))).rows;
        } catch (error) {
          failed ??= error;
          throw error;
        }
      },
    },
    end: (reason = new Error('the transaction has ended: nothing more can be done in it')) => {
      ended ??= reason;
    },
    rootCause: (error) => (sqlStateOf(error) === sqlState.inFailedTransaction ? (failed ?? error) : error),
  };
}
