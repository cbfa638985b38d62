import { Queue as BullQueue, createPostgresBackend, isPgPool, type PgPool, Worker } from 'bullmq';
import pg from 'pg';
import { withServerOptions } from '../db/server-options.ts';
import { sqlStateOf } from '../db/sql-state.ts';
import { createBullQueue, type QueueOptions } from './bullmq.ts';
import type { Driver } from './driver.ts';
import { queueSchema } from './migrate.ts';
import type { Queue } from './port.ts';

type Backend = typeof createPostgresBackend;

/**
 * The queue on PostgreSQL: nothing else to install. Its tables come from `migrateQueue`.
 * @param url of the database; each consumer opens its concurrency and 3 connections to it at most, the rest 4
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
        // Every step of a job is an event, which nobody here reads.
        { connection: withReconnect(shared, onError), streams: { events: { maxLen: 1_000 } } },
        createPostgresBackend,
      );
      producer.on('error', onError);
      try {
        await producer.waitUntilReady();
      } catch (error) {
        // BullMQ keeps a first connection that failed for ever; the next call begins anew.
        await producer.close();
        throw error;
      }
      return producer;
    },
    async openWorker(queue, processor, options) {
      // One connection listens, one looks for stalled jobs, one renews locks.
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
      // A client that waits for an answer is cut off by its end.
      return { close, abandon: () => clients.forEach((client) => void client.end()) };
    },
    // The jobs are in the same database: they cannot be there without what was put on the queue for them.
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
 * A pool whose passing failures look to BullMQ like a refused connection, the one kind that it waits out and tries
 * again. After any other, a worker that is busy asks again at once, over and over while the server restarts, and a job
 * that is done counts as failed when that cannot be stored.
 */
function withReconnect(pool: pg.Pool, onError: (error: Error) => void): PgPool {
  const query = async (sql: string, params: unknown[]) => {
    try {
      return await pool.query(sql, params);
    } catch (error) {
      if (!(error instanceof Error) || !isReconnectable(error)) throw error;
      // BullMQ is silent about these.
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
  // The two libraries' types of a pool differ in how they write down listeners.
  if (!isPgPool(proxy)) throw new Error('BullMQ does not take the pool for one');
  return proxy;
}

/**
 * Whether a query may succeed later: the connection broke, or the server is busy, restarting, or found a deadlock
 * (SQLSTATE classes of PostgreSQL's appendix A).
 */
function isReconnectable(error: Error): boolean {
  const state = sqlStateOf(error);
  if (state === undefined) return !error.message.includes('after calling end on the pool');
  return ['08', '40', '53', '55', '57', '58'].includes(state.slice(0, 2));
}

/**
 * With delayed jobs about, BullMQ on PostgreSQL sleeps up to an hour unless it is notified, and it takes every failure
 * to listen for a reason to sleep as long as it may. A lost notification must cost seconds.
 */
function withShortBlockTimeout(seconds: number | undefined): Backend {
  return (name, options, factoryOptions) => {
    const backend = createPostgresBackend(name, options, factoryOptions);
    Object.defineProperty(backend, 'maximumBlockTimeout', { value: seconds ?? 5 });
    return backend;
  };
}
