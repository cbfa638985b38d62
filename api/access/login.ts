import type { Context as HonoContext } from 'hono';
import { openProvider } from '../../core/access/oidc.ts';
import { endSession } from '../../core/access/sessions.ts';
import type { Context } from '../../core/context.ts';
import type { App, Env } from '../http/env.ts';
import { baseUrl } from './client-address.ts';
import { declareAccess } from './declared-routes.ts';
import { pageOf, sendLoginPage } from './login-page.ts';
import { mountOidcLogin } from './oidc-login.ts';
import { checkOwnPage } from './own-origin.ts';
import { clearSessionCookie, isHttps, readSessionCookie } from './session-cookie.ts';

const loginAccess = { anyone: 'whoever logs in has no rights yet, and who logs out needs none' };

/**
 * Mounts the log-in form and the log-out. Their paths take no name from spaces: a repository has its index and its
 * files below its name, and this interface has neither below `/login` or `/logout`.
 */
export function mountLogin(app: App, context: Context): void {
  const { config } = context;
  const provider = openProvider(config, context.log);
  if (provider) mountOidcLogin(app, context, provider);

  app.get(
    '/login',
    declareAccess(
      (c: HonoContext<Env>) => sendLoginPage(c, pageOf(context, c.req.query('return'))),
      loginAccess,
    ),
  );
  app.post(
    '/logout',
    declareAccess(async (c: HonoContext<Env>) => {
      checkOwnPage(c);
      const isSecure = isHttps(baseUrl(c));
      const secret = readSessionCookie(c.req.header('cookie'), isSecure);
      if (secret !== undefined) await endSession(context.registry.db, secret);
      clearSessionCookie(c, isSecure);
      return c.redirect('/login', 303);
    }, loginAccess),
  );
}
