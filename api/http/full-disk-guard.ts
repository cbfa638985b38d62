import type { Context as HonoContext, MiddlewareHandler } from 'hono';
import type { FreeSpaceGuard } from '../../core/runtime/free-space.ts';
import { tokenPath } from '../access/registry-challenge.ts';
import type { Env } from './env.ts';
import { requestHeader } from './node-headers.ts';
import { drainRequest } from './received-body.ts';

/**
 * Pattern of paths whose POST goes on: who logs in, and a run of retention, can make room. Their few rows fit into what
 * must stay
 * free.
 */
const diskFreeingPathPattern =
  /^(?:\/log(?:in|out)|\/api\/v1\/device(?:\/[^/]+)?|\/api\/v1\/spaces\/[^/]+\/retention\/runs)\/?$/;

/** Methods that store something. DELETE is left out because it frees space. */
const writingMethods = ['POST', 'PUT', 'PATCH'];

/**
 * Creates the guard that refuses writes when the disk has no room. Reads, deletes, dry runs and what leads to room go
 * on.
 * @param answerFull answers in the format of the interface of the request
 */
export function createFullDiskGuard(
  room: FreeSpaceGuard,
  answerFull: (c: HonoContext<Env>, error: unknown) => Response,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { method, path } = c.req;
    const storesNothing = c.req.query('dryRun') === 'true' || path === tokenPath;
    const makesRoom = method === 'POST' && diskFreeingPathPattern.test(path);
    if (!writingMethods.includes(method) || storesNothing || makesRoom) return next();
    let release: () => void;
    try {
      release = await room.reserve(declaredBytes(c));
    } catch (error) {
      // A client that is still sending reads the response only once its body was read.
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

/** Reads the announced length of a body in bytes; 0 for an unannounced one, which is measured while it is written. */
function declaredBytes(c: HonoContext<Env>): number {
  const length = Number(requestHeader(c, 'content-length'));
  return Number.isSafeInteger(length) && length > 0 ? length : 0;
}
