import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/**
 * Reads the queue generation of a Redis: its `run_id` and a mark. The `run_id` changes with each restart and
 * failover. The mark goes when the server is flushed, and is absent from another server.
 * @param key of the mark
 * @throws when the server cannot be reached
 */
export async function readGeneration(redis: Redis, key: string): Promise<string> {
  // Read both in one transaction, so that the mark belongs to the server with this `run_id`.
  const answers = await redis.multi().info('server').set(key, randomUUID(), 'NX').get(key).exec();
  const [info, , mark] = (answers ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
  if (typeof info !== 'string' || typeof mark !== 'string') {
    throw new Error('Redis sent no run_id or no generation mark');
  }
  const [, run = ''] = /^run_id:(\S+)/m.exec(info) ?? [];
  return `redis ${run} ${mark}`;
}
