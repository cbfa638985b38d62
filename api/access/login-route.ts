import type { Context as HonoContext } from 'hono';
import type { App, Env } from '../http/env.ts';
import { declareAccess } from './declared-routes.ts';
import { checkAuthorizationHeader } from './route-access.ts';

const access = { anyone: 'who logs in has no rights yet, and who logs out needs none' };

/** Mounts a route of the log-in. Users come to it with the cookie of a session that is over. */
export function mountLoginRoute(
  app: App,
  method: 'GET' | 'POST',
  path: string,
  answer: (c: HonoContext<Env>) => Promise<Response>,
): void {
  const handle = async (c: HonoContext<Env>) => {
    await checkAuthorizationHeader(c);
    return answer(c);
  };
  app.on(method, path, declareAccess(handle, access));
}
