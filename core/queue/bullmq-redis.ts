import { Queue as BullQueue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { createBullQueue, type QueueOptions } from './bullmq.ts';
import type { Driver } from './driver.ts';
import type { Queue } from './port.ts';
import { readGeneration } from './redis-generation.ts';

// Other programs may use the same Redis, BullMQ's among them.
const prefix = 'helm-registry';
const mark = `${prefix}:generation`;

/**
 * The queue on Redis, for many workers.
 * @param url redis://host:port, or rediss:// with TLS
 */
export function createRedisQueue(options: QueueOptions & { url: string }): Queue {
  return createBullQueue(createDriver(options.url, options.onError), options);
}

function createDriver(url: string, onError: (error: Error) => void): Driver {
  // Who enqueues waits for an answer, so a call fails when there is none; who consumes waits until Redis is back.
  // One that hangs behind a network that swallows everything is left for a new connection.
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
        // Every step of a job is an event, which nobody here reads.
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
    generation: () => readGeneration(shared, mark),
    async ping() {
      // Where there is no database of that number ioredis goes on with the first, which is somebody else's.
      await shared.select(shared.options.db ?? 0);
      // Also a mark that is set, for one that is full or a replica answers a ping and takes no job.
      await readGeneration(shared, mark);
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
  // Without a listener ioredis prints.
  redis.on('error', onError);
  return redis;
}
