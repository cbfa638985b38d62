import type { ClientOptions } from './options.ts';

/** Makes the `Authorization` header of a request; undefined for a caller without credentials. */
export type MakeAuthorizationHeader = () => Promise<string | undefined>;

/**
 * Creates the function that makes the `Authorization` header of each request. It throws a TypeError for a token that no
 * header can have, without showing it as `fetch` would.
 * @throws {TypeError} where both a token and a password are given
 */
export function createAuthorizationHeaderMaker({
  token,
  basic,
}: Pick<ClientOptions, 'token' | 'basic'>): MakeAuthorizationHeader {
  if (token !== undefined && basic !== undefined)
    throw new TypeError('Give either token or basic, not both.');
  if (basic !== undefined) {
    const header = `Basic ${toBase64(`${basic.user}:${basic.password}`)}`;
    return async () => header;
  }
  return async () => {
    const text = typeof token === 'function' ? await token() : token;
    if (text === undefined || text === '') return undefined;
    if (!/^[\x21-\x7e]+$/.test(text))
      throw new TypeError('token must be printable ASCII without spaces: remove line breaks at its end.');
    return `Bearer ${text}`;
  };
}

function toBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}
