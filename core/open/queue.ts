import type { Closers } from '../closers.ts';
import type { Config } from '../config/settings.ts';
import type { Log } from '../log.ts';
import { createPostgresQueue } from '../queue/bullmq-postgres.ts';
import { createRedisQueue } from '../queue/bullmq-redis.ts';
import { handingOver } from '../queue/hand-over.ts';
import type { Queue } from '../queue/port.ts';
import { reach } from './reach.ts';

/**
 * Opens the queue: on Redis when `REDIS_URL` names one, otherwise in the database.
 * @param databaseUrl of the database that is open already
 * @throws {StartError} when it cannot be reached
 */
export async function openQueue(
  config: Config,
  log: Log,
  closers: Closers,
  databaseUrl: string,
): Promise<Queue> {
  const onError = closers.whileOpen((error) => log.warn({ error }, 'queue trouble, it is tried again'));
  const queue =
    config.redisUrl === ''
      ? createPostgresQueue({ url: databaseUrl, onError })
      : createRedisQueue({ url: config.redisUrl, onError });
  closers.add('queue', () => queue.close());
  await reach(config.redisUrl === '' ? 'the queue' : 'Redis at REDIS_URL', () => queue.ping());
  return handingOver(queue, onError);
}
