import { createPostgresQueue } from '../../core/queue/bullmq-postgres.ts';
import { createRedisQueue } from '../../core/queue/bullmq-redis.ts';
import { quickTimings } from './queue-timings.ts';

// Program for tests that kill it: consumes a queue, prints each arrival, and never finishes one.
const [kind = '', url = ''] = process.argv.slice(2);
const options = { url, timings: quickTimings, onError: () => undefined };
const queue = kind === 'redis' ? createRedisQueue(options) : createPostgresQueue(options);
await queue.consume('orchestrations', 1, ({ id, attempt }) => {
  process.stdout.write(`${id} ${attempt}\n`);
  return new Promise(() => undefined);
});
