import type { Context as HonoContext } from 'hono';
import { parseScopes, type RegistryScopes } from '../../core/access/registry-scopes.ts';
import { RegistryError } from '../../core/errors.ts';
import { readBodyText } from '../http/body.ts';
import type { Env } from '../http/env.ts';

/** Form of a request for a registry token. */
export interface TokenForm {
  user: string;
  password: string;
  requestedScopes: RegistryScopes;
}

/** Bytes of a form; clients ask for a handful of scopes. */
const maxTokenFormBytes = 64 * 1024;

/**
 * Reads the scopes of a request of the token protocol. `scope` is in the query, several times or with blanks, and
 * credentials are in the header (distribution, "Token Authentication Specification"). `service`, `account`,
 * `client_id` and `offline_token` change nothing: there is one service, the credentials say who it is, and no refresh
 * tokens are issued. Credentials in a query are not read, since queries are logged on their way.
 */
export function readTokenQuery(c: HonoContext<Env>): RegistryScopes {
  return readRequestedScopes(c.req.queries('scope') ?? []);
}

/**
 * Reads a request of the OAuth 2 protocol (RFC 6749 section 4.3). User name and password are in the form.
 * @throws {RegistryError} `request.invalid` for another grant; the errors of `readBodyText`
 */
export async function readTokenForm(c: HonoContext<Env>): Promise<TokenForm> {
  const form = new URLSearchParams(await readBodyText(c, maxTokenFormBytes));
  const grant = readOnce(form, 'grant_type');
  if (grant === 'refresh_token')
    throw new RegistryError(
      'request.invalid',
      'This registry issues no refresh tokens. Log in with a user name and a password, or a token as the password.',
    );
  if (grant !== 'password')
    throw new RegistryError(
      'request.invalid',
      'grant_type must be password. Or send a GET with credentials.',
    );
  if (c.req.header('authorization') !== undefined)
    throw new RegistryError(
      'request.invalid',
      'The request has credentials in its header and in its form. Send them once.',
    );
  return {
    user: readOnce(form, 'username'),
    password: readOnce(form, 'password'),
    requestedScopes: readRequestedScopes(form.getAll('scope')),
  };
}

/** Reads a field of a form. @throws {RegistryError} `request.invalid` for one that is given twice (RFC 6749 section 3.2) */
function readOnce(form: URLSearchParams, name: string): string {
  const [value = '', ...more] = form.getAll(name);
  if (more.length === 0) return value;
  throw new RegistryError('request.invalid', `${name} is given more than once. Give it once.`);
}

function readRequestedScopes(parameters: readonly string[]): RegistryScopes {
  return parseScopes(parameters.flatMap((parameter) => parameter.split(' ')));
}
