import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { JoinedSocket } from './coalescing-socket.ts';
import { guardParsing } from './guard-parsing.ts';
import type { Database, Transaction } from './port.ts';
import { withServerOptions } from './server-options.ts';
import { sqlState, sqlStateOf } from './sql-state.ts';
import { createNaming, type Naming } from './statement-names.ts';
import { typeParsers } from './types.ts';

export interface PoolOptions {
  /** postgres://user:password@host:port/database */
  url: string;
  /** What the database's administrator sees in pg_stat_activity. */
  applicationName: string;
  /** Connections at most; 10 unless set. */
  max?: number;
  /** Milliseconds after which the server gives up on one statement; 30,000 unless set. */
  statementTimeout?: number;
  /** Told about a connection that broke while nobody used it; the pool replaces it by itself. */
  onError: (error: Error) => void;
}

/**
 * A connection keeps the plan of a statement. Made while a table was empty it would read the whole table for ever after,
 * so tables are read by their indexes, which every query has. To compile a statement takes longer than to run it: what makes
 * PostgreSQL think otherwise are guesses, as of how long a recursion goes on.
 */
const serverOptions = ['enable_seqscan=off', 'jit=off'];

const transactionAttempts = 5;
const retried: readonly (string | undefined)[] = [sqlState.serializationFailure, sqlState.deadlockDetected];

/** Opens connections as they are needed, so this succeeds also while PostgreSQL is down. */
export function createPool(options: PoolOptions): Database {
  const pool = new pg.Pool({
    connectionString: withServerOptions(options.url, serverOptions),
    application_name: options.applicationName,
    max: options.max ?? 10,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: options.statementTimeout ?? 30_000,
    // A holder that hangs between two statements would keep its row locks for ever.
    idle_in_transaction_session_timeout: 60_000,
    types: typeParsers,
    // Queries that do not wait for one another's answers are sent together: most of what they cost is being sent alone.
    pipeline: true,
    stream: () => new JoinedSocket(),
  });
  pool.on('error', options.onError);
  pool.on('connect', (client) => guardParsing(client.connection.stream));
  const toQuery = createNaming();
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
          if (attempt >= transactionAttempts || !retried.includes(sqlStateOf(error))) throw error;
        }
        // Apart by chance, or the same two meet again.
        await sleep(Math.random() * 10 * 2 ** attempt);
      }
    },
    close() {
      closed ??= pool.end();
      return closed;
    },
  };
}

async function runTransaction<T>(
  pool: pg.Pool,
  onError: (error: Error) => void,
  toQuery: Naming,
  fn: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  const { tx, atCommit, end, reasonOf } = openTransaction(client, toQuery);
  let broken: Error | undefined;
  // pg takes its own listener away while a client is lent, and an error event without a listener ends the process.
  const onClientError = (error: Error) => {
    broken = error;
    onError(error);
  };
  client.on('error', onClientError);
  try {
    // It travels with the first statement. Where it fails (an administrator may cancel it), that one has run by itself; what
    // would follow must not.
    const begun = client.query('BEGIN');
    begun.catch(end);
    const result = await fn(tx);
    end();
    await begun;
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
    throw reasonOf(error);
  } finally {
    client.off('error', onClientError);
    client.release(broken);
  }
}

interface OpenTransaction {
  tx: Transaction;
  /** What it leaves for its end. */
  atCommit: readonly pg.QueryConfig[];
  /**
   * Ends it: of works that go on side by side one may fail while another has more to send, and that would run by itself, or
   * in whatever transaction the connection is in by then.
   */
  end(reason?: Error): void;
  /** What is to be told of a failure: PostgreSQL says of each statement behind the first that failed only that it is refused. */
  reasonOf(error: unknown): unknown;
}

function openTransaction(client: pg.PoolClient, toQuery: Naming): OpenTransaction {
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
    reasonOf: (error) => (sqlStateOf(error) === sqlState.inFailedTransaction ? (failed ?? error) : error),
  };
}
