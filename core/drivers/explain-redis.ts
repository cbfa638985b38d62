import { errorCode } from '../runtime/transient-errors.ts';
import { explainNetwork } from './explain-network.ts';

const redisReplyExplanations: [RegExp, string][] = [
  [
    /^WRONGPASS|invalid password|without any password configured/,
    'it does not accept user and password: check both in REDIS_URL; special characters of a password are percent-encoded there',
  ],
  [/^NOAUTH/, 'it asks for a password and REDIS_URL has none: redis://:PASSWORD@HOST:PORT'],
  [
    /^NOPERM/,
    'the user may not do what a queue needs: give it the rights to all commands and to the keys helm-registry*',
  ],
  [
    /DB index is out of range|invalid DB index/,
    'it has no database of that number: choose a lower one at the end of REDIS_URL',
  ],
  [/^READONLY/, 'it is a replica, which accepts no writes: name the primary in REDIS_URL'],
  [
    /^MOVED|^CROSSSLOT|cluster mode/,
    'it is a cluster, which the queue cannot use: name a Redis of one node in REDIS_URL',
  ],
  [/^OOM/, 'its memory is full: raise its maxmemory'],
  [/^LOADING/, 'it is still loading its data: start again in a moment'],
  [/Redis version needs/, 'it is too old for the queue: use Redis 6.2 or newer'],
  [
    /Protocol error|unknown command|Connection is closed|timed out|timeout/i,
    'what listens there does not answer as Redis does: check host and port in REDIS_URL, and whether it wants TLS (rediss://) or not (redis://)',
  ],
];

/**
 * Explains why Redis could not be used, with the remedy.
 * @param errors of the connection and the call; the first known one decides
 */
export function explainRedis(errors: readonly unknown[]): string {
  for (const error of errors) {
    const known = explainNetwork(error, 'REDIS_URL') ?? explainReply(error);
    if (known !== undefined) return known;
  }
  return errorCode(errors.at(-1));
}

function explainReply(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // ioredis' text says that it gave up, and not why.
  if (error.name === 'MaxRetriesPerRequestError') {
    return 'it cut the connection off: check that Redis is what listens at REDIS_URL, and whether it wants TLS (rediss://)';
  }
  return redisReplyExplanations.find(([pattern]) => pattern.test(error.message))?.[1];
}
