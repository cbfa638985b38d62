import { createHash } from 'node:crypto';
import type { Context as HonoContext } from 'hono';
import { html, raw } from 'hono/html';
import type { Context } from '../../core/context.ts';
import type { RegistryError } from '../../core/errors.ts';
import type { Env } from '../http/env.ts';
import { toRegistryError } from '../http/error-response.ts';
import { chooseReturnPath } from './return-path.ts';
import { isConnectionProtected } from './start-session.ts';

/** Contents of the page. */
export interface LoginPage {
  returnPath: string;
  /** Host of the provider of identities, if there is one. */
  provider: string | undefined;
  /** Whether the page may ask for a password. */
  isProtected: boolean;
  /** User name that was typed before. */
  name?: string;
  error?: RegistryError;
}

/** Returns the contents of the page for a request. */
export function createLoginPageContents(
  c: HonoContext<Env>,
  { config }: Pick<Context, 'config'>,
  returnPath: string | undefined,
): LoginPage {
  return {
    returnPath: chooseReturnPath(returnPath),
    isProtected: isConnectionProtected(c),
    provider: config.oidcIssuer === '' ? undefined : new URL(config.oidcIssuer).host,
  };
}

/** Parts of the page that the user has given. A handler fills them in as it reads them. */
export interface LoginFormInput {
  name?: string;
  returnPath?: string | undefined;
}

/** Answers a request, or shows its error on the log-in page. */
export async function answerOrSendLoginPage(
  c: HonoContext<Env>,
  context: Pick<Context, 'config' | 'log'>,
  typed: LoginFormInput,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  c.header('Cache-Control', 'no-store');
  try {
    return await answer();
  } catch (thrown) {
    const error = toRegistryError(c, context.log, thrown);
    const { name = '', returnPath } = typed;
    return sendLoginPage(c, { ...createLoginPageContents(c, context, returnPath), name, error });
  }
}

const style = `
:root { color-scheme: light dark; --line: #888; --accent: #0b57d0; --on-accent: #fff; --error: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --accent: #a8c7fa; --on-accent: #062e6f; --error: #f2b8b5; } }
* { box-sizing: border-box; }
body { margin: 0; background: Canvas; color: CanvasText; min-height: 100vh; display: grid; place-items: center; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 22rem; }
h1 { font-size: 1.375rem; margin: 0 0 1.25rem; }
label { display: block; margin: 0 0 1rem; }
input { display: block; width: 100%; margin-top: .25rem; padding: .625rem .75rem; font: inherit; border: 1px solid var(--line); border-radius: .5rem; background: transparent; color: inherit; }
button, .provider { display: block; width: 100%; padding: .6875rem 1rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; border: 1px solid var(--accent); border-radius: .5rem; cursor: pointer; overflow-wrap: anywhere; }
button { background: var(--accent); color: var(--on-accent); }
.provider { color: var(--accent); }
.or { margin: 1rem 0; text-align: center; opacity: .75; }
.error { margin: 0 0 1rem; padding: .625rem .75rem; border: 1px solid var(--error); border-radius: .5rem; color: var(--error); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;

/** Content Security Policy of the page: its own style by digest, forms to this registry, nothing else. */
const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** Sends the log-in page, with the status of its error. */
export function sendLoginPage(c: HonoContext<Env>, page: LoginPage): Response | Promise<Response> {
  const { error } = page;
  const text = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Log in: Helm registry</title>
    <style>${raw(style)}</style>
  </head>
  <body>
    <main>
      <h1>Helm registry</h1>
      ${error ? html`<p class="error" role="alert">${error.message}</p>` : ''}
      ${page.isProtected ? forms(page) : ''}
    </main>
  </body>
</html>
`;
  if (error?.retryAfter !== undefined) c.header('Retry-After', String(error.retryAfter));
  return c.html(text, error?.status ?? 200, pageHeaders);
}

function forms({ returnPath, provider, name = '' }: LoginPage) {
  const providerLink =
    provider &&
    html`<a class="provider" href="/login/oidc?return=${encodeURIComponent(returnPath)}">Log in with ${provider}</a>
      <p class="or">or with a user of this registry</p>`;
  return html`${providerLink ?? ''}
      <form method="post" action="/login">
        <input type="hidden" name="return" value="${returnPath}">
        <label>User name <input name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="200" required></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" maxlength="1000" required></label>
        <button>Log in</button>
      </form>`;
}

/**
 * Headers of the page. With a stricter `Referrer-Policy` browsers would hide the form's `Origin`, which its check needs.
 */
const pageHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'same-origin',
};
