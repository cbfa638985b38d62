import type { Context as HonoContext } from 'hono';
import { registryService } from '../../core/access/registry-tokens.ts';
import type { RegistryError } from '../../core/errors.ts';
import type { Env } from '../http/env.ts';
import { isFromScript } from './challenge.ts';

/** Path of the token endpoint. */
export const tokenPath = '/v2/token';

/**
 * Adds the challenge to a 401 of the OCI interface. The form of the challenge is that of distribution's token
 * authentication. There is exactly one header, since most clients read the first only. With a second one, of Basic,
 * some clients send passwords with each request, and others fetch no anonymous token.
 */
export function setRegistryChallenge(c: HonoContext<Env>, error: RegistryError): void {
  const challenge = c.get('challenge');
  if (error.status !== 401 || !challenge || isFromScript(c)) return;
  const fault = bearerErrorOf(c, error);
  const parameters = [
    ['realm', challenge.realm],
    ['service', registryService],
    ...(challenge.scope === undefined ? [] : [['scope', challenge.scope]]),
    ...(fault === undefined ? [] : [['error', fault]]),
  ];
  c.header('WWW-Authenticate', `Bearer ${parameters.map(([name, value]) => `${name}="${value}"`).join(',')}`);
}

/** Names the fault of a Bearer token (RFC 6750 section 3.1); there is none without such a token. */
function bearerErrorOf(c: HonoContext<Env>, { code }: RegistryError): string | undefined {
  if (code === 'access.insufficientScope') return 'insufficient_scope';
  const isBearer = /^\s*bearer\s/i.test(c.req.header('authorization') ?? '');
  return isBearer && code === 'access.unauthenticated' ? 'invalid_token' : undefined;
}
