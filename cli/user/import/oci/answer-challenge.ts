import { CommandError } from '../../command-error.ts';
import { type BasicCredentials, basicHeader } from '../../contexts/basic.ts';
import { isProtectedUrl } from '../../contexts/parse-registry-url.ts';
import { isObject, parseJson, readTextValue } from '../../contexts/read-json.ts';
import { exitCodes } from '../../exit-codes.ts';

/** Credentials for a registry: a name with a password, or a token. */
export interface OciCredentials {
  /** URL of the registry. */
  base: URL;
  basic: BasicCredentials | undefined;
  token: string | undefined;
}

/**
 * Answers the challenge of a registry. The answer is Basic, or a token of the registry's token service (distribution's token
 * specification).
 * @returns the header `Authorization`
 * @throws {CommandError} where the credentials are not accepted
 */
export async function answerChallenge(
  challenge: string,
  credentials: OciCredentials,
  scope: string,
  signal: AbortSignal,
): Promise<string> {
  const basic = basicOf(credentials);
  const realm = readParameter(challenge, 'realm');
  if (!/^bearer /i.test(challenge) || realm === undefined) {
    if (basic !== undefined && /^basic/i.test(challenge)) return basic;
    throw denied('the registry wants credentials');
  }
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw denied('the registry names no token service');
  if (basic !== undefined && isProtectedUrl(credentials.base.href) && !isProtectedUrl(url.href))
    throw denied(
      `the registry has its token service at ${url.origin}, to which credentials are not sent without encryption`,
    );
  const service = readParameter(challenge, 'service');
  if (service !== undefined) url.searchParams.set('service', service);
  if (scope !== '') url.searchParams.set('scope', scope);
  const response = await fetch(url, {
    signal,
    ...(basic === undefined ? {} : { headers: { authorization: basic } }),
  });
  const answer = parseJson(await response.text());
  const token = isObject(answer)
    ? (readTextValue(answer, 'token') ?? readTextValue(answer, 'access_token'))
    : undefined;
  if (!response.ok || token === undefined) throw denied(`${url.origin} gives no token (${response.status})`);
  return `Bearer ${token}`;
}

function basicOf({ basic, token }: Omit<OciCredentials, 'base'>): string | undefined {
  const pair = token === undefined ? basic : { user: 'token', password: token };
  return pair && basicHeader(pair);
}

function readParameter(challenge: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(challenge)?.[1];
}

function denied(reason: string): CommandError {
  return new CommandError(
    `${reason}: log in with \`helm registry login\`, or give --user NAME`,
    exitCodes.access,
  );
}
