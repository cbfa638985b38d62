import type { Config } from '../config/settings.ts';
import { createPostgresQueue } from '../queue/bullmq-postgres.ts';
import { createRedisQueue } from '../queue/bullmq-redis.ts';
import type { Queue } from '../queue/port.ts';
import type { Log } from '../runtime/log.ts';
import type { ShutdownHooks } from '../runtime/shutdown-hooks.ts';
import { assertReachable } from './assert-reachable.ts';
import { explainPostgres } from './explain-postgres.ts';
import { explainRedis } from './explain-redis.ts';

/**
 * Opens the queue: on Redis when `REDIS_URL` names one, otherwise in the database.
 * @param databaseUrl of the open database
 * @throws {StartError} when the queue cannot be reached
 */
export async function openQueue(
  config: Config,
  log: Log,
  shutdownHooks: ShutdownHooks,
  databaseUrl: string,
): Promise<Queue> {
  // Collects errors until the first response: a failed start is explained in one sentence, not by a log of
  // attempts.
  let startErrors: unknown[] | undefined = [];
  const onError = shutdownHooks.unlessClosing((error) => {
    if (startErrors) startErrors.push(error);
    else log.warn({ error }, 'the queue failed and is tried again');
  });
  const queue =
    config.redisUrl === ''
      ? createPostgresQueue({ url: databaseUrl, onError })
      : createRedisQueue({ url: config.redisUrl, onError });
  shutdownHooks.add('queue', () => queue.close());
  if (config.redisUrl === '')
    await assertReachable('the queue in PostgreSQL', () => queue.ping(), explainPostgres);
  else {
    await assertReachable(
      'Redis at REDIS_URL',
      () => queue.ping(),
      (error) => explainRedis([...(startErrors ?? []), error]),
    );
  }
  startErrors = undefined;
  return queue;
}
