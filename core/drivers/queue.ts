import type { Config } from '../config/settings.ts';
import { createPostgresQueue } from '../queue/bullmq-postgres.ts';
import { createRedisQueue } from '../queue/bullmq-redis.ts';
import { handingOver } from '../queue/local-dispatch.ts';
import type { Queue } from '../queue/port.ts';
import type { Log } from '../runtime/log.ts';
import type { Closers } from '../runtime/shutdown-hooks.ts';
import { reach } from './assert-reachable.ts';
import { explainPostgres } from './explain-postgres.ts';
import { explainRedis } from './explain-redis.ts';

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
  // Kept back until the first answer: the reason why a start fails is one sentence, and not a log of attempts before it.
  let early: unknown[] | undefined = [];
  const onError = closers.whileOpen((error) => {
    if (early) early.push(error);
    else log.warn({ error }, 'queue trouble, it is tried again');
  });
  const queue =
    config.redisUrl === ''
      ? createPostgresQueue({ url: databaseUrl, onError })
      : createRedisQueue({ url: config.redisUrl, onError });
  closers.add('queue', () => queue.close());
  if (config.redisUrl === '') await reach('the queue in PostgreSQL', () => queue.ping(), explainPostgres);
  else {
    await reach(
      'Redis at REDIS_URL',
      () => queue.ping(),
      (error) => explainRedis([...(early ?? []), error]),
    );
  }
  early = undefined;
  return handingOver(queue, onError);
}
