import type { Context as HonoContext, MiddlewareHandler } from 'hono';
import type { FreeSpaceGuard } from '../../core/runtime/free-space.ts';
import type { Env } from './env.ts';
import { drainRequest } from './received-body.ts';

/** Methods that bring something; what is deleted makes room. */
const writingMethods = ['POST', 'PUT', 'PATCH'];

/**
 * Refuses what would be written where no room is left for it; reads, deletes and dry runs go on.
 * @param answerFull in the format of the interface that is asked
 */
export function createRoomGuard(
  room: FreeSpaceGuard,
  answerFull: (c: HonoContext<Env>, error: unknown) => Response,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (!writingMethods.includes(c.req.method) || c.req.query('dryRun') === 'true') return next();
    let release: () => void;
    try {
      release = await room.reserve(declaredBytes(c));
    } catch (error) {
      // The client gets to read why.
      await drainRequest(c);
      return answerFull(c, error);
    }
    try {
      await next();
    } finally {
      release();
    }
    return undefined;
  };
}

/** Bytes that a request says it brings; one that does not say is measured as it is written. */
function declaredBytes(c: HonoContext<Env>): number {
  const length = Number(c.req.header('content-length'));
  return Number.isSafeInteger(length) && length > 0 ? length : 0;
}
