import type { Context as HonoContext } from 'hono';
import type { Access } from '../../core/access/access.ts';
import { tooManyFailuresError } from '../../core/access/login-limits.ts';
import { openOidcProvider } from '../../core/access/oidc.ts';
import type { Principal } from '../../core/access/principal.ts';
import { markRefusal } from '../../core/access/refusals.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { networkOf } from '../../core/runtime/addresses.ts';
import { readBodyText } from '../http/body.ts';
import type { App, Env } from '../http/env.ts';
import { clientAddress, registryBaseUrl } from './client-address.ts';
import {
  answerOrSendLoginPage,
  createLoginPageContents,
  type LoginFormInput,
  sendLoginPage,
} from './login-page.ts';
import { mountLoginRoute } from './login-route.ts';
import { mountOidcLogin } from './oidc-login.ts';
import { checkNotSentByForeignPage, checkSentByOwnPage } from './own-origin.ts';
import { clearSessionCookie, isHttps, readSessionCookie } from './session-cookie.ts';
import { checkSecureClient, startSession, stopSession } from './start-session.ts';

/** Bytes of the largest form that is read. */
const maxFormBytes = 16_384;

/**
 * Mounts the log-in form and the log-out. Their paths take no name from spaces. A repository has only its index and its
 * files below its name, and neither is at `/login` or `/logout`.
 */
export function mountLogin(app: App, context: Context): void {
  const provider = openOidcProvider(context.config, context.log);
  if (provider) mountOidcLogin(app, context, provider);

  mountLoginRoute(app, 'GET', '/login', (c) => {
    const returnPath = c.req.query('return');
    return answerOrSendLoginPage(c, context, { returnPath }, () => {
      checkSecureClient(c);
      return sendLoginPage(c, createLoginPageContents(c, context, returnPath));
    });
  });

  mountLoginRoute(app, 'POST', '/login', (c) => {
    const typed: LoginFormInput = {};
    return answerOrSendLoginPage(c, context, typed, async () => {
      checkSecureClient(c);
      const form = await readForm(c);
      checkNotSentByForeignPage(c);
      typed.returnPath = form.get('return') ?? undefined;
      typed.name = form.get('name') ?? '';
      const { name } = typed;
      const confirm = () => verifyUserPassword(c, context.access, name, form.get('password') ?? '');
      const user = await confirm();
      return startSession(c, context, { user, credential: 'password', confirm }, typed.returnPath);
    });
  });

  mountLoginRoute(app, 'POST', '/logout', async (c) => {
    const isSecure = isHttps(registryBaseUrl(c));
    const secret = readSessionCookie(c.req.header('cookie'), isSecure);
    if (secret !== undefined) {
      checkSentByOwnPage(c);
      await stopSession(c, context, secret);
      clearSessionCookie(c, isSecure);
    }
    return c.redirect('/login', 303);
  });
}

/**
 * Checks name and password of a user.
 * @throws {RegistryError} `access.unauthenticated`, `access.tooManyFailures`, `service.busy`
 */
async function verifyUserPassword(
  c: HonoContext<Env>,
  access: Access,
  name: string,
  password: string,
): Promise<Principal> {
  const { revision } = await access.readState();
  const checked = await access.checkPassword(name, password, {
    revision,
    network: networkOf(clientAddress(c)),
  });
  if (checked.kind === 'verified') return checked.principal;
  if (checked.retryAfterSeconds === undefined)
    throw markRefusal(new RegistryError('access.unauthenticated', 'User name or password is wrong.'), {});
  throw markRefusal(tooManyFailuresError(checked.retryAfterSeconds), {});
}

async function readForm(c: HonoContext<Env>): Promise<URLSearchParams> {
  const [type] = (c.req.header('content-type') ?? '').split(';');
  if (type?.trim().toLowerCase() === 'application/x-www-form-urlencoded')
    return new URLSearchParams(await readBodyText(c, maxFormBytes));
  throw new RegistryError('request.invalid', 'Send the log-in form as application/x-www-form-urlencoded.');
}
