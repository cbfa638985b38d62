import { Queue as BullQueue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { createBullQueue, type QueueOptions } from './bullmq.ts';
import type { Driver } from './driver.ts';
import type { Queue } from './port.ts';
import { readGeneration } from './redis-generation.ts';

// Prefix of all keys: other programs may use the same Redis, BullMQ's among them.
const prefix = 'helm-registry';
const generationKey = `${prefix}:generation`;

/**
 * Creates the queue on Redis, for many workers.
 * @param options.url redis://host:port, or rediss:// with TLS
 */
export function createRedisQueue(options: QueueOptions & { url: string }): Queue {
  return createBullQueue(createDriver(options.url, options.onError), options);
}

function createDriver(url: string, onError: (error: Error) => void): Driver {
  // Producers fail a call that gets no answer; consumers wait until Redis is back. The timeouts replace a
  // connection that hangs behind a network that drops all packets.
  const shared = connect(
    url,
    { maxRetriesPerRequest: 1, commandTimeout: 3_000, socketTimeout: 10_000 },
    onError,
  );
  return {
    async openProducer(queue) {
      await shared.ping();
      const producer = new BullQueue(queue, {
        connection: shared,
        prefix,
        // BullMQ records an event for each step of a job, and the registry reads none.
        streams: { events: { maxLen: 1_000 } },
      });
      producer.on('error', onError);
      return producer;
    },
    async openWorker(queue, processor, options) {
      await shared.ping();
      const connection = connect(url, { maxRetriesPerRequest: null }, onError);
      const worker = new Worker(queue, processor, { ...options, connection, prefix });
      worker.on('error', onError);
      return {
        async close() {
          await worker.close();
          connection.disconnect();
        },
        abandon: () => connection.disconnect(),
      };
    },
    generation: () => readGeneration(shared, generationKey),
    async ping() {
      // ioredis falls back to database 0, which may be another program's, where the configured one does not
      // exist.
      await shared.select(shared.options.db ?? 0);
      // Writes a key too: a full server or a replica answers a ping and accepts no job.
      await readGeneration(shared, generationKey);
    },
    async close() {
      shared.disconnect();
    },
  };
}

interface ConnectOptions {
  maxRetriesPerRequest: number | null;
  commandTimeout?: number;
  socketTimeout?: number;
}

function connect(url: string, options: ConnectOptions, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, { connectTimeout: 5_000, disconnectTimeout: 500, ...options });
  // ioredis prints errors that have no listener.
  redis.on('error', onError);
  return redis;
}
