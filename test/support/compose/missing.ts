import { givenStore, hasMinio } from '../servers/object-store.ts';
import { hasRedis } from '../servers/redis.ts';

/** What this machine lacks of the servers of docker-compose.yml; nothing where CI is `true`, whose tests then fail. */
export function missingForCompose(): string[] {
  return [
    ...(hasRedis() ? [] : ['no `redis-server` on the PATH']),
    ...(givenStore() || hasMinio() ? [] : ['no `minio` on the PATH']),
  ];
}
