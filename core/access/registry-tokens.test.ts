import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { type Key, type KeyRing, openKeyRing, type Subkey } from './keys.ts';
import { createRegistryTokens, type RegistryTokenClaims, registryTokenSeconds } from './registry-tokens.ts';

const makeKey = (id: string): Key => ({ id, secret: randomBytes(32), opensOnly: false });
const keyA = makeKey('a');
const ringOf = (...keys: Key[]): Promise<KeyRing> => openKeyRing(async () => keys);

const subkeyA = (await ringOf(keyA)).newest('registry tokens');

const service = 'charts.example.com';
const start = Date.parse('2026-11-29T12:00:00.900Z');
const tokensOf = async (ring: KeyRing | Promise<KeyRing>, at = start, name = service) =>
  createRegistryTokens(await ring, { service: name, now: () => at });

const claims: RegistryTokenClaims = {
  principalId: randomUUID(),
  tokenId: '0123456789abcdef',
  scopes: [
    { repository: 'lib/web', actions: ['pull', 'push'] },
    { repository: 'other/größe', actions: [] },
  ],
};

const headerOf = (text: string) => decodeProtectedHeader(text);

/** Signs a token anew, with another header, payload or key than the issuer would. */
function forge(
  text: string,
  header: object,
  payload: object = {},
  { key }: Pick<Subkey, 'key'> = subkeyA,
): string {
  const head = { ...headerOf(text), ...header };
  const signed = [head, { ...decodeJwt(text), ...payload }].map(encode).join('.');
  const hash = head.alg === 'HS512' ? 'sha512' : 'sha256';
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a registry token', () => {
  it.each([
    ['with all claims', claims],
    ['of an anonymous caller', { scopes: [{ repository: 'lib/web', actions: ['pull'] }] }],
    ['without scopes', { principalId: randomUUID(), scopes: [] }],
    ['of a password', { principalId: randomUUID(), proof: 'password:x', scopes: [] }],
  ] satisfies [string, RegistryTokenClaims][])('%s is read as it was issued', async (_, given) => {
    const tokens = await tokensOf(ringOf(keyA));
    const { text, issuedAt, expiresInSeconds } = await tokens.issue(given);
    expect(await tokens.read(text)).toEqual(given);
    expect(issuedAt.toISOString()).toBe('2026-11-29T12:00:00.000Z');
    expect(expiresInSeconds).toBe(300);
  });

  it('names its key and its type, and nothing secret', async () => {
    const { text } = await (await tokensOf(ringOf(keyA))).issue(claims);
    expect(headerOf(text)).toEqual({ alg: 'HS256', typ: 'helm-registry-token+jwt', kid: 'a' });
    expect(decodeJwt(text)).toEqual({
      iss: service,
      aud: service,
      sub: claims.principalId,
      token: claims.tokenId,
      scopes: claims.scopes,
      iat: Date.parse('2026-11-29T12:00:00Z') / 1000,
      exp: Date.parse('2026-11-29T12:05:00Z') / 1000,
    });
  });

  it('a registry token is read by a process with newer keys, while its key is among them', async () => {
    const { text } = await (await tokensOf(ringOf(keyA))).issue(claims);
    const rotated = await tokensOf(ringOf(makeKey('b'), keyA));
    expect(await rotated.read(text)).toEqual(claims);
    expect(headerOf((await rotated.issue(claims)).text).kid).toBe('b');
    expect(await (await tokensOf(ringOf(makeKey('b')))).read(text)).toBeUndefined();
  });

  it('a registry token is read by a process that has not heard of its key yet', async () => {
    const known = [keyA];
    const behind = await tokensOf(openKeyRing(async () => [...known]));
    const newer = makeKey('b');
    const { text } = await (await tokensOf(ringOf(newer, keyA))).issue(claims);
    expect(await behind.read(text)).toBeUndefined();
    known.unshift(newer);
    expect(await behind.read(text)).toEqual(claims);
    expect(headerOf((await behind.issue(claims)).text).kid).toBe('b');
  });

  it('a registry token is refused when its key only opens', async () => {
    const { text } = await (await tokensOf(ringOf(keyA))).issue(claims);
    const ring = ringOf(makeKey('b'), { ...keyA, opensOnly: true });
    expect(await (await tokensOf(ring)).read(text)).toBeUndefined();
  });

  it('a registry token is valid for five minutes and a small difference of clocks', async () => {
    const ring = await ringOf(keyA);
    const { text } = await (await tokensOf(ring)).issue(claims);
    const readAt = async (seconds: number) => (await tokensOf(ring, start + seconds * 1000)).read(text);
    expect(await readAt(registryTokenSeconds - 1)).toEqual(claims);
    expect(await readAt(registryTokenSeconds + 3)).toEqual(claims);
    expect(await readAt(registryTokenSeconds + 6)).toBeUndefined();
    expect(await readAt(-4)).toEqual(claims);
    expect(await readAt(-10)).toBeUndefined();
  });

  it('a registry token is refused by a registry of another name with the same keys', async () => {
    const ring = await ringOf(keyA);
    const { text } = await (await tokensOf(ring)).issue(claims);
    expect(await (await tokensOf(ring, start, 'other.example.com')).read(text)).toBeUndefined();
  });
});

describe('a forged registry token', () => {
  const issued = async () => (await (await tokensOf(ringOf(keyA))).issue(claims)).text;

  it.each([
    ['another issuer', {}, { iss: 'https://idp.example.com' }],
    ['another audience', {}, { aud: 'other.example.com' }],
    ['no audience', {}, { aud: undefined }],
    ['no expiry', {}, { exp: undefined }],
    ['a late expiry of an old token', {}, { iat: start / 1000 - 3600, exp: start / 1000 + 3600 }],
    ['no time of issue', {}, { iat: undefined }],
    ['no subject', {}, { sub: undefined }],
    ['a subject that is no principal', {}, { sub: 'admin' }],
    ['no scopes', {}, { scopes: undefined }],
    ['an unknown action', {}, { scopes: [{ repository: 'lib/web', actions: ['*'] }] }],
    ['another type', { typ: 'JWT' }, {}],
    ['no type', { typ: undefined }, {}],
    ['no key id', { kid: undefined }, {}],
    ['an unknown key id', { kid: 'other' }, {}],
    ['another algorithm', { alg: 'HS512' }, {}],
    ['an extension that must be understood', { crit: ['exp'], exp: 1 }, {}],
  ])('a registry token with %s is refused', async (_, header, payload) => {
    const tokens = await tokensOf(ringOf(keyA));
    const text = await issued();
    expect(await tokens.read(forge(text, {}))).toEqual(claims);
    expect(await tokens.read(forge(text, header, payload))).toBeUndefined();
  });

  it('signed with another key of the same id is refused', async () => {
    const other = (await ringOf(makeKey('a'))).newest('registry tokens');
    expect(await (await tokensOf(ringOf(keyA))).read(forge(await issued(), {}, {}, other))).toBeUndefined();
  });

  it('signed with the subkey of another purpose is refused', async () => {
    const other = (await ringOf(keyA)).newest('sealing');
    expect(await (await tokensOf(ringOf(keyA))).read(forge(await issued(), {}, {}, other))).toBeUndefined();
  });

  it('a forged registry token without a signature is refused', async () => {
    const tokens = await tokensOf(ringOf(keyA));
    const text = await issued();
    const [head, payload] = text.split('.');
    const unsigned = new UnsecuredJWT(decodeJwt(text)).encode();
    const none = changeHeader(text, { ...headerOf(text), alg: 'none' });
    const texts = [unsigned, none, none.slice(0, none.lastIndexOf('.') + 1), `${head}.${payload}.`];
    for (const forged of texts) expect(await tokens.read(forged)).toBeUndefined();
  });

  it.each([
    '',
    '.',
    '..',
    'a.b.c',
    'hrt_0123456789abcdef_x',
    '{}',
    'ey'.repeat(40_000),
    '\u0000.\u0000.\u0000',
  ])('a text that is no registry token is refused (%#)', async (text) => {
    expect(await (await tokensOf(ringOf(keyA))).read(text)).toBeUndefined();
  });

  it('a forged registry token with one changed character is refused', async () => {
    const tokens = await tokensOf(ringOf(keyA));
    const text = await issued();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let index = 0; index < text.length; index += 1) {
      // The highest bit of a character is always a bit of the content; the lowest of a last one may be none.
      const other = alphabet[(alphabet.indexOf(text[index] ?? '') + 32) % 64] ?? '';
      const changed = text.slice(0, index) + other + text.slice(index + 1);
      expect(await tokens.read(changed)).toBeUndefined();
    }
  });
});

it('an error of the database is thrown, and does not make a token wrong', async () => {
  let isAway = false;
  const ring = await openKeyRing(async () => {
    if (isAway) throw new Error('Connection terminated');
    return [keyA];
  });
  isAway = true;
  const { text } = await (await tokensOf(ringOf(makeKey('b')))).issue(claims);
  await expect((await tokensOf(ring)).read(text)).rejects.toThrow('Connection terminated');
});

function changeHeader(text: string, header: object): string {
  return encode(header) + text.slice(text.indexOf('.'));
}
