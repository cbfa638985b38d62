import { configuredStore, hasMinio } from '../servers/object-store.ts';
import { hasRedis } from '../servers/redis.ts';

/**
 * Lists the missing servers of docker-compose.yml. The list is empty where CI is `true`, so that tests fail instead.
 */
export function missingForCompose(): string[] {
  return [
    ...(hasRedis() ? [] : ['no `redis-server` on the PATH']),
    ...(configuredStore() || hasMinio() ? [] : ['no `minio` on the PATH']),
  ];
}
