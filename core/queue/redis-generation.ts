import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/**
 * What tells one filling of a Redis from the next: the server's `run_id`, which every restart and failover changes, and
 * a mark, which goes with the rest when the server is flushed and is absent from another one.
 * @param key of the mark
 * @throws when the server cannot be reached
 */
export async function readGeneration(redis: Redis, key: string): Promise<string> {
  // Both in one transaction, so that a mark belongs to the server that is named.
  const answers = await redis.multi().info('server').set(key, randomUUID(), 'NX').get(key).exec();
  const [info, , mark] = (answers ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
  if (typeof info !== 'string' || typeof mark !== 'string') {
    throw new Error('Redis did not say which server it is');
  }
  const [, run = ''] = /^run_id:(\S+)/m.exec(info) ?? [];
  return `redis ${run} ${mark}`;
}
