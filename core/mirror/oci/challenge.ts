import { z } from 'zod';
import { type AskTokenService, type Authorization, basicHeader } from '../authorization.ts';
import type { MirrorCredentials } from '../settings.ts';
import { UpstreamFault } from '../upstream-fault.ts';
import { parseJson } from './parse-json.ts';

const tokenShape = z.looseObject({ token: z.string().optional(), access_token: z.string().optional() });

/** Largest number of tokens that are kept: older ones have mostly expired. */
const maxTokens = 100;

/**
 * Authorizes requests as an OCI registry asks for it. Authorization is Basic, or by a token of its token service for each repository
 * (distribution's token specification). Credentials go to the registry, and to a token service elsewhere only if its
 * owner has named it.
 * @param base URL of the registry
 */
export function authorizeByChallenge(base: URL, credentials: MirrorCredentials | undefined): Authorization {
  const headers = new Map<string, string>();
  const basic = credentials && basicHeader(credentials);

  async function askToken(parameters: string, scope: string, ask: AskTokenService): Promise<string> {
    const realm = readRealm(base, readParameter(parameters, 'realm'));
    const isTrusted = realm.origin === base.origin || realm.origin === originOf(credentials?.realm);
    if (basic !== undefined && !isTrusted)
      throw new UpstreamFault(
        'upstream.denied',
        `${base.origin} has its token service at ${realm.origin}, which gets no credentials unless they name it: set them with "realm": "${realm.origin}".`,
      );
    const service = readParameter(parameters, 'service');
    if (service !== undefined) realm.searchParams.set('service', service);
    if (scope !== '') realm.searchParams.set('scope', scope);
    const answer = tokenShape.safeParse(parseJson(await ask(realm, basic)));
    const token = answer.data?.token ?? answer.data?.access_token ?? '';
    if (/^[\x21-\x7e]{1,32768}$/.test(token)) return token;
    throw new UpstreamFault('upstream.denied', `${realm.origin} gives no token for ${base.origin}.`);
  }

  /** Keeps a token as the newest. A catalogue may have thousands of repositories, each with a token of its own. */
  function keepToken(scope: string, token: string): void {
    headers.delete(scope);
    headers.set(scope, `Bearer ${token}`);
    for (const oldest of headers.keys()) {
      if (headers.size <= maxTokens) return;
      headers.delete(oldest);
    }
  }

  return {
    headerFor: (scope) => headers.get(scope),
    async answer(challenge, scope, ask) {
      const [, parameters] = /(?:^|,)\s*bearer\s+(.*)$/is.exec(challenge) ?? [];
      if (parameters !== undefined) keepToken(scope, await askToken(parameters, scope, ask));
      else if (basic === undefined || headers.has(scope) || !/(?:^|,)\s*basic\b/i.test(challenge))
        return false;
      else headers.set(scope, basic);
      return true;
    },
  };
}

function readParameter(parameters: string, name: string): string | undefined {
  return new RegExp(`(?:^|[\\s,])${name}="([^"]*)"`, 'i').exec(parameters)?.[1];
}

/** Reads the address of a token service: never without encryption, unless requests to the registry itself go so. */
function readRealm(base: URL, realm: string | undefined): URL {
  const url = realm !== undefined && URL.canParse(realm, base.href) ? new URL(realm, base.href) : undefined;
  const isWeb = url?.protocol === 'https:' || (url?.protocol === 'http:' && base.protocol === 'http:');
  if (url && isWeb && url.username === '' && url.password === '') return url;
  throw new UpstreamFault('upstream.denied', `${base.origin} names no token service that may be used.`);
}

function originOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).origin;
}
