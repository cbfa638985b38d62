import { Queue as BullQueue, createPostgresBackend, isPgPool, type PgPool, Worker } from 'bullmq';
import pg from 'pg';
import { withServerOptions } from '../db/server-options.ts';
import { sqlStateOf } from '../db/sql-state.ts';
import { createBullQueue, type QueueOptions } from './bullmq.ts';
import type { Driver } from './driver.ts';
import { queueSchema } from './migrate.ts';
import type { Queue } from './port.ts';

type CreateBackend = typeof createPostgresBackend;

/**
 * Creates the queue on PostgreSQL, which needs no further server. `migrateQueue` makes its tables.
 * @param options.url of the database; a consumer opens at most its concurrency and 3 connections, the rest of
 *   the queue 4
 */
export function createPostgresQueue(options: QueueOptions & { url: string }): Queue {
  return createBullQueue(createDriver(options.url, options.onError), options);
}

function createDriver(url: string, onError: (error: Error) => void): Driver {
  const shared = openPool(url, 4, onError);
  return {
    async openProducer(queue) {
      const producer = new BullQueue(
        queue,
        // BullMQ records an event for each step of a job, and the registry reads none.
        { connection: withReconnect(shared, onError), streams: { events: { maxLen: 1_000 } } },
        createPostgresBackend,
      );
      producer.on('error', onError);
      try {
        await producer.waitUntilReady();
      } catch (error) {
        // BullMQ keeps a failed first connection for ever; the next call opens a new producer.
        await producer.close();
        throw error;
      }
      return producer;
    },
    async openWorker(queue, processor, options) {
      // Three further connections: one listens, one looks for stalled jobs, one renews locks.
      const pool = openPool(url, options.concurrency + 3, onError);
      const clients = new Set<pg.PoolClient>();
      pool.on('connect', (client) => clients.add(client));
      pool.on('remove', (client) => clients.delete(client));
      const connection = withReconnect(pool, onError);
      const worker = new Worker(
        queue,
        processor,
        { ...options, connection },
        withShortBlockTimeout(options.drainDelay),
      );
      worker.on('error', onError);
      const close = async () => {
        await worker.close();
        await pool.end();
      };
      try {
        await worker.waitUntilReady();
      } catch (error) {
        await close();
        throw error;
      }
      // Ending a client also fails the queries that wait for an answer.
      return { close, abandon: () => clients.forEach((client) => void client.end()) };
    },
    // Constant, because the jobs are in the same database: the queue cannot lose ids that PostgreSQL still has.
    generation: async () => 'postgresql',
    async ping() {
      await shared.query('SELECT FROM migration LIMIT 1');
    },
    close: () => shared.end(),
  };
}

function openPool(url: string, max: number, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    connectionString: withServerOptions(url, [`search_path=${queueSchema}`]),
    application_name: 'helm-registry queue',
    max,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: 30_000,
  });
  pool.on('error', onError);
  return pool;
}

/**
 * Makes transient errors of a pool look like refused connections, the one kind that BullMQ waits out. After any
 * other error a busy worker polls without a pause while the server restarts, and a finished job counts as
 * failed when its end cannot be stored.
 */
function withReconnect(pool: pg.Pool, onError: (error: Error) => void): PgPool {
  const query = async (sql: string, params: unknown[]) => {
    try {
      return await pool.query(sql, params);
    } catch (error) {
      if (!(error instanceof Error) || !isReconnectable(error)) throw error;
      // BullMQ does not report refused connections.
      onError(error);
      throw Object.assign(new Error(error.message, { cause: error }), { code: 'ECONNREFUSED' });
    }
  };
  const proxy: unknown = new Proxy(pool, {
    get(target, property) {
      if (property === 'query') return query;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  // pg and BullMQ declare the listeners of a pool with different types.
  if (!isPgPool(proxy)) throw new Error('BullMQ does not accept the PostgreSQL pool');
  return proxy;
}

/**
 * Tells whether a query may succeed later: the connection broke, or the server is busy, restarting or found a
 * deadlock. The list has SQLSTATE classes of PostgreSQL's appendix A.
 */
function isReconnectable(error: Error): boolean {
  const state = sqlStateOf(error);
  if (state === undefined) return !error.message.includes('after calling end on the pool');
  return ['08', '40', '53', '55', '57', '58'].includes(state.slice(0, 2));
}

/**
 * Limits the sleep of a BullMQ worker on PostgreSQL to `seconds` (default 5). While jobs are delayed, the
 * worker sleeps up to an hour unless it is notified, and sleeps its maximum after each failure to listen. A
 * lost notification must cost seconds only.
 */
function withShortBlockTimeout(seconds: number | undefined): CreateBackend {
  return (name, options, factoryOptions) => {
    const backend = createPostgresBackend(name, options, factoryOptions);
    Object.defineProperty(backend, 'maximumBlockTimeout', { value: seconds ?? 5 });
    return backend;
  };
}
