import { createPostgresQueue } from '../../core/queue/bullmq-postgres.ts';
import { createRedisQueue } from '../../core/queue/bullmq-redis.ts';
import { quickTimings } from './queue-timings.ts';

// A worker of its own for tests that kill it: says what it was given, and is never done with it.
const [kind = '', url = ''] = process.argv.slice(2);
const options = { url, timings: quickTimings, onError: () => undefined };
const queue = kind === 'redis' ? createRedisQueue(options) : createPostgresQueue(options);
await queue.consume('orchestrations', 1, ({ id, attempt }) => {
  process.stdout.write(`${id} ${attempt}\n`);
  return new Promise(() => undefined);
});
