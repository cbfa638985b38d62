import { hostname } from 'node:os';
import { type DeviceLogin, isRegistryError } from '../../../client/src/index.ts';
import { CommandError } from '../command-error.ts';
import type { Context } from '../contexts/context.ts';
import { warnOfPlainHttp } from '../contexts/warn-of-plain-http.ts';
import { exitCodes } from '../exit-codes.ts';
import { openAddress } from '../session/open-address.ts';
import { openClient, type Session } from '../session/session.ts';

/** Begins a log-in that a user approves in a browser. The token is named after this machine. */
export function beginLogin(
  session: Session,
  url: string,
  { expiresIn }: { expiresIn?: number },
): Promise<DeviceLogin> {
  const client = [...`command line on ${hostname()}`.replaceAll(/\p{C}/gu, '?')].slice(0, 80).join('');
  const wanted = { client, ...(expiresIn === undefined ? {} : { expiresInDays: expiresIn }) };
  return openClient({ url }).device.begin(wanted, { signal: session.signal });
}

/**
 * Tells a registry that does not offer this log-in from a failed one. An older one has no such route, and others
 * refuse it, as over plain http.
 * @returns undefined where it is not offered; else throws
 */
export function ignoreNotOffered(error: unknown): undefined {
  if (isRegistryError(error) && error.status >= 400 && error.status < 500) return undefined;
  throw error;
}

/** Shows the address and the code, and waits until somebody has approved. @throws {CommandError} for a denial, or none in time */
export async function logInByBrowser(
  session: Session,
  url: string,
  login: DeviceLogin,
  { open }: { open?: boolean },
): Promise<Context> {
  warnOfPlainHttp(session, url);
  const { user_code, verification_uri, verification_uri_complete, expires_in } = login;
  const minutes = Math.floor(expires_in / 60);
  session.note(`To log in, open this address in a browser within ${minutes} minutes:

  ${verification_uri_complete}

and approve there the code ${user_code}. Without the code the address is ${verification_uri}`);
  const isOwn = isAtHost(verification_uri_complete, url) && isAtHost(verification_uri, url);
  const { host } = new URL(url);
  if (!isOwn)
    session.note(
      `warning: this address is not at ${host}, so it is not opened. Approve only if ${host} may act as you there.`,
    );
  else if (open) openAddress(verification_uri_complete, session);
  const { device } = openClient({ url });
  const { access_token, token } = await device
    .wait(login, { signal: session.signal })
    .catch((error: unknown) => {
      throw explainLoginFailure(error) ?? error;
    });
  return { url, token: access_token, tokenId: token.id, user: token.owner.replace(/^user:/, '') };
}

/**
 * Whether an address is at the host of a registry. Another host may be a registry at which this one has begun a log-in
 * of its own. The user would approve that log-in there, by the code that the terminal shows.
 */
function isAtHost(address: string, url: string): boolean {
  return URL.canParse(address) && new URL(address).hostname === new URL(url).hostname;
}

function explainLoginFailure(error: unknown): CommandError | undefined {
  if (isRegistryError(error, 'device.denied'))
    return new CommandError('the log-in was denied in the browser', exitCodes.access, error);
  if (isRegistryError(error, 'device.expired'))
    return new CommandError('nobody approved the log-in in time: begin it again', exitCodes.timeout, error);
  return undefined;
}
