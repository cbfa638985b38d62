import { hostname } from 'node:os';
import type { Client } from '../../../client/src/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import { checkTokenSyntax } from '../contexts/check-token-syntax.ts';
import type { Context } from '../contexts/context.ts';
import { parseRegistryUrl } from '../contexts/parse-registry-url.ts';
import { warnOfPlainHttp } from '../contexts/warn-of-plain-http.ts';
import { exitCodes } from '../exit-codes.ts';
import { askLine, readSecret } from '../session/read-secret.ts';
import { openClient, type Session } from '../session/session.ts';
import { beginLogin, ignoreNotOffered, logInByBrowser } from './log-in-by-browser.ts';
import { revokeToken } from './logout.ts';

/** Options of `helm-registry login`. */
export interface LoginOptions {
  user?: string;
  browser?: boolean;
  open?: boolean;
  tokenStdin?: boolean;
  passwordStdin?: boolean;
  name?: string;
  expiresIn?: number;
}

/**
 * Runs `helm-registry login`: checks the credentials and stores a token. The token is in a context, which counts from
 * now on. A password is not stored: it makes a token, which the log-out revokes.
 */
export async function login(
  session: Session,
  address: string | undefined,
  options: LoginOptions,
): Promise<void> {
  const url = await chooseUrl(session, address);
  const name = options.name ?? new URL(url).host;
  const { contexts } = session;
  const context = await makeContext(session, url, options);
  const former = await contexts.find(name);
  try {
    await contexts.write(name, context);
    await contexts.use(name);
  } catch (error) {
    // A token that is stored nowhere would live on for months.
    if (context.tokenId !== undefined) await revokeToken(session, context);
    throw error;
  }
  if (former?.tokenId !== undefined) await revokeToken(session, former);
  const caller = context.user === undefined ? 'without credentials' : `as ${context.user}`;
  session.note(`logged in to ${url} ${caller}; the context is ${name}`);
  if (session.environment.HELM_REGISTRY_URL || session.environment.HELM_REGISTRY_TOKEN)
    session.note('warning: HELM_REGISTRY_URL and HELM_REGISTRY_TOKEN are used before any context');
}

async function chooseUrl({ environment, contexts }: Session, address: string | undefined): Promise<string> {
  const text = address ?? environment.HELM_REGISTRY_URL;
  if (text) return parseRegistryUrl(text);
  const current = await contexts.current();
  if (current) return current.url;
  throw usageError('name the address of the registry: helm-registry login https://charts.example.com');
}

async function makeContext(session: Session, url: string, options: LoginOptions): Promise<Context> {
  const isByBrowser = options.browser === true || options.open === true;
  if (isByBrowser && (options.tokenStdin || options.user !== undefined))
    throw usageError('choose one: --browser, --user or --token-stdin');
  if (options.tokenStdin) return createTokenContext(session, url, await requireSecret('Token'));
  if (options.user !== undefined) return createPasswordContext(session, url, options.user, options);
  const { kind } = await openClient({ url }).whoami({ signal: session.signal });
  if (kind === 'open') return { url };
  if (isByBrowser) return logInByBrowser(session, url, await beginLogin(session, url, options), options);
  if (!process.stdin.isTTY)
    throw usageError(
      'the registry wants credentials: give --browser, or --user NAME with the password, or --token-stdin with a token, on standard input',
    );
  const begun = await beginLogin(session, url, options).catch(ignoreNotOffered);
  if (begun) return logInByBrowser(session, url, begun, options);
  const user = await askLine('User name (empty for a token)');
  return user === ''
    ? createTokenContext(session, url, await requireSecret('Token'))
    : createPasswordContext(session, url, user, options);
}

async function createTokenContext(session: Session, url: string, text: string): Promise<Context> {
  const token = checkTokenSyntax(text);
  warnOfPlainHttp(session, url);
  const caller = await readCallerName(session, openClient({ url, token }));
  return caller === undefined ? { url } : { url, token, user: caller };
}

async function createPasswordContext(
  session: Session,
  url: string,
  user: string,
  { expiresIn }: LoginOptions,
): Promise<Context> {
  warnOfPlainHttp(session, url);
  const password = await requireSecret('Password');
  const client = openClient({ url, basic: { user, password } });
  const caller = await readCallerName(session, client);
  if (caller === undefined) return { url };
  const name = `command line on ${hostname()}, ${new Date().toISOString()}`;
  const { signal } = session;
  const made = await client.tokens.create(
    { name, ...(expiresIn === undefined ? {} : { expiresInDays: expiresIn }) },
    { signal },
  );
  return { url, token: made.token, tokenId: made.id, user: caller };
}

/** Asks who the caller is. @returns its name; undefined in a registry with open access */
async function readCallerName({ signal }: Session, client: Client): Promise<string | undefined> {
  const caller = await client.whoami({ signal });
  if (caller.kind === 'open') return undefined;
  if ('name' in caller) return caller.name;
  throw new CommandError('the registry does not know these credentials', exitCodes.access);
}

async function requireSecret(prompt: string): Promise<string> {
  const secret = await readSecret(prompt).catch((error: unknown) => {
    throw error instanceof RangeError ? usageError(error.message) : error;
  });
  if (secret !== undefined) return secret.trimEnd();
  throw usageError(`no ${prompt.toLowerCase()} came on standard input`);
}
