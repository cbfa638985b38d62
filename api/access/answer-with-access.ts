import type { Context as HonoContext } from 'hono';
import { readWithRight } from '../../core/access/read-with-right.ts';
import { loginRequiredError } from '../../core/access/refusals.ts';
import { someChartPlaceholder } from '../../core/access/rights.ts';
import type { Env } from '../http/env.ts';
import { keepFromSharedCaches } from '../http/private-caching.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { actorOf, type RequestedPlace, type RouteAccess } from './route-access.ts';

/**
 * Answers a request with the right that its route needs. The fast path remembers the right that a repeated request
 * needs. Reads are checked once more when they are over, since handlers find spaces by their names. Headers keep shared
 * caches from storing what only some may read.
 * @throws {RegistryError} `access.unauthenticated`, `access.denied`, `space.notFound`; those of `answer`
 */
export async function answerWithAccess(
  c: HonoContext<Env>,
  access: RouteAccess,
  answer: () => Promise<Response>,
  nameOf: (c: HonoContext<Env>) => RequestedPlace = readPathNames,
): Promise<Response> {
  const actor = actorOf(c);
  if ('registryRight' in access) {
    await actor.requireInRegistry(access.registryRight);
    const answered = await answer();
    if (actor.guarded) keepFromSharedCaches(answered);
    return answered;
  }
  // Wrong credentials are refused everywhere, also where the handler checks the right, or nobody needs one.
  if ('anyone' in access || 'checkedBy' in access || 'known' in access) {
    const { kind } = await actor.caller();
    if ('known' in access && kind === 'anonymous') throw loginRequiredError();
    const answered = await answer();
    // Callers without credentials read what is public alone.
    if (kind === 'principal' && !('anyone' in access)) keepFromSharedCaches(answered);
    return answered;
  }
  const named = nameOf(c);
  const isLater = 'chart' in access && access.chart === 'later';
  const where = isLater ? { ...named, chart: someChartPlaceholder } : named;
  // A token for some charts takes the route each time, where the handler knows the chart.
  if (access.right === 'chart.read') c.env?.rememberPlace?.(named);
  if (c.req.method === 'GET' || c.req.method === 'HEAD') {
    let answered: Response | undefined;
    const read = async () => {
      answered = await answer();
      return answered;
    };
    const readForCaches = async () => {
      const readable = await readWithRight(actor, access.right, where, read);
      if (actor.guarded && (await actor.findSpace(named.space))?.visibility !== 'public')
        keepFromSharedCaches(readable);
      return readable;
    };
    return readForCaches().catch((error: unknown) => {
      if (answered) discard(c, answered);
      throw error;
    });
  }
  // Writes confirm the right in their transactions.
  await actor.require(access.right, where);
  return answer();
}

/** Reads space and chart from the path parameters. */
function readPathNames(c: HonoContext<Env>): RequestedPlace {
  const { space = '', chart } = c.req.param();
  return { space, chart };
}

/** Headers of every answer, errors included. */
const commonHeaders = new Set(
  [...Object.keys(securityHeaders), 'X-Request-Id', 'Docker-Distribution-API-Version'].map((name) =>
    name.toLowerCase(),
  ),
);

/** Discards an answer that must not be sent, with its stream and its headers. Hono would send them with the error. */
function discard(c: HonoContext<Env>, answered: Response): void {
  c.env?.dropStream?.();
  for (const name of [...answered.headers.keys()]) if (!commonHeaders.has(name)) c.header(name, undefined);
}
