import type { Context as HonoContext, MiddlewareHandler } from 'hono';
import type { Room } from '../../core/runtime/free-space.ts';
import type { Env } from './mount-routes.ts';
import { dropBody } from './received-body.ts';

/** Methods that bring something; what is deleted makes room. */
const bringing = ['POST', 'PUT', 'PATCH'];

/**
 * Refuses what would be written where no room is left for it; reads, deletes and dry runs go on.
 * @param answerFull in the format of the interface that is asked
 */
export function createRoomGuard(
  room: Room,
  answerFull: (c: HonoContext<Env>, error: unknown) => Response,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (!bringing.includes(c.req.method) || c.req.query('dryRun') === 'true') return next();
    let giveBack: () => void;
    try {
      giveBack = await room.take(declaredBytes(c));
    } catch (error) {
      // The client gets to read why.
      await dropBody(c);
      return answerFull(c, error);
    }
    try {
      await next();
    } finally {
      giveBack();
    }
    return undefined;
  };
}

/** Bytes that a request says it brings; one that does not say is measured as it is written. */
function declaredBytes(c: HonoContext<Env>): number {
  const length = Number(c.req.header('content-length'));
  return Number.isSafeInteger(length) && length > 0 ? length : 0;
}
