import { TLSSocket } from 'node:tls';
import type { Config } from '../../core/config/settings.ts';
import { RegistryError } from '../../core/errors.ts';
import { isAuthority, readTarget } from '../http/request-target.ts';
import type { ClientReader, ClientRequest } from './client.ts';
import { createForwardingReader, forwardedValue } from './forwarding.ts';

/**
 * Creates the reader of clients. `X-Forwarded-Host` and `X-Forwarded-Proto` count from trusted proxies only, and
 * `PUBLIC_URL` wins over both.
 */
export function createClientReader({
  trustedProxies,
  publicUrl,
}: Pick<Config, 'trustedProxies' | 'publicUrl'>): ClientReader {
  const readForwarding = createForwardingReader({ trustedProxies });
  const publicOrigin = publicUrl === '' ? undefined : new URL(publicUrl).origin;

  const forwardedHostOf = (request: ClientRequest) => {
    const { proxies } = readForwarding(request);
    const forwarded = forwardedValue(request.headers['x-forwarded-host'], proxies);
    return forwarded !== undefined && isAuthority(forwarded) ? forwarded : undefined;
  };
  const schemeOf = (request: ClientRequest) => {
    const { proxies } = readForwarding(request);
    const forwarded = forwardedValue(request.headers['x-forwarded-proto'], proxies)?.toLowerCase();
    if (forwarded === 'http' || forwarded === 'https') return forwarded;
    return request.socket instanceof TLSSocket ? 'https' : 'http';
  };

  return {
    addressOf: (request) => readForwarding(request).address,
    forwardedHostOf,
    baseUrlOf(request) {
      if (publicOrigin !== undefined) return publicOrigin;
      const scheme = schemeOf(request);
      const url = `${scheme}://${forwardedHostOf(request) ?? hostOf(request)}`;
      return URL.canParse(url) ? new URL(url).origin : `${scheme}://localhost`;
    },
  };
}

function hostOf(request: ClientRequest): string {
  const target = readTarget(request);
  return target instanceof RegistryError ? '' : (target.host ?? '');
}
