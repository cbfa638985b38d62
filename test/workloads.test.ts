import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startEmbedded } from './support/embedded.ts';
import { createPrincipals, type GuardedRegistry, startGuarded } from './support/guarded.ts';
import { startOidcProvider, type TestProvider } from './support/oidc-provider.ts';
import { addAccount, addTrustRule } from './support/principals.ts';

let provider: TestProvider;
let registry: GuardedRegistry;
let builder: string;

const audience = 'https://charts.example.com';

beforeAll(async () => {
  provider = await startOidcProvider();
  provider.serve(['http://127.0.0.1/unused']);
  registry = await startGuarded({}, { worker: false });
  const { db } = registry;
  await registry.addSpace('team', 'private');
  await registry.addSpace('other', 'private');
  builder = await addAccount(db, 'team', 'builder');
  await registry.setRole(builder, 'team', 'publisher');
  await addTrustRule(db, builder, {
    issuer: provider.issuer,
    audience,
    claims: { repository_id: '4711', ref: 'refs/heads/main' },
  });
});
afterAll(async () => {
  await registry.close();
  await provider.close();
});

/** Forgets failed log-ins, which would answer wrong tokens with 429 after the tenth. */
const forgetFailures = () => registry.db.query('DELETE FROM login_failures');
beforeEach(forgetFailures);

/** Claims of a job, such as GitHub's tokens have. */
function jobClaims(changes: Record<string, unknown> = {}): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: provider.issuer,
    sub: 'repo:acme/charts:ref:refs/heads/main',
    aud: audience,
    iat: now,
    nbf: now,
    exp: now + 300,
    repository: 'acme/charts',
    repository_id: '4711',
    ref: 'refs/heads/main',
    ...changes,
  };
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const basic = (user: string, token: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`,
});
const readTeam = (headers: Record<string, string>) => registry.api('/spaces/team', { headers });

it.each(['RS256', 'ES256'] as const)('takes a job by its token of %s', async (algorithm) => {
  const token = await provider.sign(jobClaims(), algorithm);
  expect((await readTeam(bearer(token))).status).toBe(200);
  // The second time it is remembered.
  expect((await readTeam(bearer(token))).status).toBe(200);
  expect((await readTeam(basic('any-name', token))).status).toBe(200);
});

it('ends the registry tokens of a job with its trust rule', async () => {
  const [own, other] = await Promise.all(
    ['1', '2'].map((id) =>
      addTrustRule(registry.db, builder, {
        issuer: provider.issuer,
        audience,
        claims: { repository_id: id },
      }),
    ),
  );
  const token = await provider.sign(jobClaims({ repository_id: '1' }));
  const answer = await registry.request('/v2/token', { headers: bearer(token) });
  const registryToken = Object(await answer.json()).token;
  const read = async () => (await registry.request('/v2/', { headers: bearer(registryToken) })).status;
  expect(await read()).toBe(200);
  await registry.db.query('DELETE FROM trust_rules WHERE id = $1', [other]);
  expect(await read()).toBe(200);
  await registry.db.query('DELETE FROM trust_rules WHERE id = $1', [own]);
  expect(await read()).toBe(401);
});

it('gives a job the rights of its account and no others', async () => {
  const token = await provider.sign(jobClaims());
  expect((await registry.api('/spaces/other', { headers: bearer(token) })).status).toBe(404);
  const deletion = await registry.api('/spaces/team', { method: 'DELETE', headers: bearer(token) });
  expect(deletion.status).toBe(403);
  expect(await deletion.json()).toMatchObject({ code: 'access.denied' });
});

const past = () => Math.floor(Date.now() / 1000) - 3600;
const future = () => Math.floor(Date.now() / 1000) + 3600;

it.each<[string, () => JWTPayload]>([
  ['another audience', () => jobClaims({ aud: 'https://elsewhere.example.com' })],
  ['several audiences', () => jobClaims({ aud: [audience, 'https://elsewhere.example.com'] })],
  ['the audience twice', () => jobClaims({ aud: [audience, audience] })],
  ['no audience', () => jobClaims({ aud: undefined })],
  ['an end in the past', () => jobClaims({ exp: past() })],
  ['no end', () => jobClaims({ exp: undefined })],
  ['an end that is a text', () => jobClaims({ exp: String(future()) })],
  ['an end that no calendar has', () => jobClaims({ exp: 1e20 })],
  ['a beginning in the future', () => jobClaims({ nbf: future(), exp: future() + 300 })],
  ['another repository', () => jobClaims({ repository_id: '4712' })],
  ['a claim of another type', () => jobClaims({ repository_id: 4711 })],
  ['a claim that is a list', () => jobClaims({ repository_id: ['4711'] })],
  ['a claim that is an object', () => jobClaims({ repository_id: { value: '4711' } })],
  ['a claim in capitals', () => jobClaims({ ref: 'refs/heads/MAIN' })],
  ['a claim under a name in capitals', () => jobClaims({ ref: undefined, REF: 'refs/heads/main' })],
  [
    'claims of its prototype',
    () =>
      jobClaims({
        ...{ repository_id: undefined, ref: undefined },
        ...JSON.parse('{"__proto__":{"repository_id":"4711","ref":"refs/heads/main"}}'),
      }),
  ],
  ['no ref', () => jobClaims({ ref: undefined })],
  ['a claim of a longer ref', () => jobClaims({ ref: 'refs/heads/main2' })],
  ['an issuer with another spelling', () => jobClaims({ iss: `${provider.issuer}/` })],
  ['an issuer that PostgreSQL cannot hold', () => jobClaims({ iss: 'https://a\0b' })],
  ['an issuer that is no text', () => jobClaims({ iss: undefined })],
  ['an unknown issuer', () => jobClaims({ iss: 'https://issuer.example.com' })],
])('refuses a token with %s', async (_, claims) => {
  const response = await readTeam(bearer(await provider.sign(claims())));
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: 'access.unauthenticated' });
});

it('accepts an audience that is a list of one', async () => {
  const token = await provider.sign(jobClaims({ aud: [audience] }));
  expect((await readTeam(bearer(token))).status).toBe(200);
});

it('compares claims without making letters of two characters into one', async () => {
  const ref = 'refs/heads/caf\u00e9';
  await addTrustRule(registry.db, builder, { issuer: provider.issuer, audience: 'letters', claims: { ref } });
  const statusOf = async (form: 'NFC' | 'NFD') => {
    const token = await provider.sign(jobClaims({ aud: 'letters', ref: ref.normalize(form) }));
    return (await readTeam(bearer(token))).status;
  };
  expect([await statusOf('NFC'), await statusOf('NFD')]).toEqual([200, 401]);
});

it('reads a token of 16,384 characters, and none of more', async () => {
  const sign = (padding: number) => provider.sign(jobClaims({ padding: 'x'.repeat(padding) }));
  // Four characters of a token are three of the padding.
  const padding = Math.floor(((16_384 - (await sign(0)).length) * 3) / 4);
  const [longest, longer] = [await sign(padding - 3), await sign(padding + 3)];
  expect(longest.length).toBeLessThanOrEqual(16_384);
  expect(longest.length).toBeGreaterThan(16_374);
  expect(longer.length).toBeGreaterThan(16_384);
  // A form has room for it, and a header has not.
  const statusOf = async (password: string) => {
    const body = new URLSearchParams({ grant_type: 'password', username: 'any-name', password });
    return (await registry.request('/v2/token', { method: 'POST', body })).status;
  };
  expect([await statusOf(longest), await statusOf(longer)]).toEqual([200, 401]);
});

it('refuses tokens that no key of the issuer has signed', async () => {
  const foreign = await generateKeyPair('RS256', { extractable: true });
  const sign = (
    header: { alg: string; [name: string]: unknown },
    key: Parameters<SignJWT['sign']>[0] = foreign.privateKey,
  ) => new SignJWT(jobClaims()).setProtectedHeader(header).sign(key);
  const genuine = await provider.sign(jobClaims());
  const [header = '', , signature = ''] = genuine.split('.');
  const edited = Buffer.from(JSON.stringify(jobClaims({ sub: 'somebody' }))).toString('base64url');
  const jwk = await exportJWK(foreign.publicKey);
  const publicKeyAsSecret = new TextEncoder().encode(JSON.stringify(await provider.publicJwk('RS256')));
  const attacks = {
    none: new UnsecuredJWT(jobClaims()).encode(),
    'none in capitals': `${Buffer.from('{"alg":"NONE"}').toString('base64url')}.${genuine.split('.')[1]}.`,
    'signature removed': `${header}.${genuine.split('.')[1]}.`,
    'other claims': `${header}.${edited}.${signature}`,
    'wrong key': await sign({ alg: 'RS256', kid: 'RS256' }),
    'key in the header': await sign({ alg: 'RS256', jwk }),
    'address of keys in the header': await sign({
      alg: 'RS256',
      kid: 'RS256',
      jku: 'http://127.0.0.1:1/keys',
    }),
    'unknown key': await sign({ alg: 'RS256', kid: 'unknown' }),
    'public key as shared secret': await sign({ alg: 'HS256', kid: 'RS256' }, publicKeyAsSecret),
    'critical extension': await provider.sign(jobClaims(), 'RS256', { crit: ['x-must'], 'x-must': true }),
  };
  for (const [name, token] of Object.entries(attacks)) {
    await forgetFailures();
    expect([name, (await readTeam(bearer(token))).status]).toEqual([name, 401]);
  }
});

it('refuses a token of another form before it reads anything', async () => {
  const token = await provider.sign(jobClaims());
  for (const text of [`${token}.${token}`, `${token}=`, 'eyJ.a.b', 'eyJ..']) {
    expect((await readTeam(bearer(text))).status).toBe(401);
  }
  const inQuery = await registry.api(`/spaces/team?access_token=${token}`);
  expect(inQuery.status).toBe(401);
});

it('stops at the next request once the rule is gone, also for a token that was accepted', async () => {
  const account = await addAccount(registry.db, 'other', 'passing');
  await registry.setRole(account, 'other', 'reader');
  const rule = await addTrustRule(registry.db, account, {
    issuer: provider.issuer,
    audience: 'passing',
    claims: { repository_id: '1' },
  });
  const token = await provider.sign(jobClaims({ aud: 'passing', repository_id: '1' }));
  const read = async () => (await registry.api('/spaces/other', { headers: bearer(token) })).status;
  expect(await read()).toBe(200);
  await registry.db.query('DELETE FROM trust_rules WHERE id = $1', [rule]);
  expect(await read()).toBe(401);
  // Once it is there again, the token counts again.
  await addTrustRule(registry.db, account, {
    issuer: provider.issuer,
    audience: 'passing',
    claims: { repository_id: '1' },
  });
  expect(await read()).toBe(200);
  await registry.db.query('UPDATE principals SET disabled = true WHERE id = $1', [account]);
  expect(await read()).toBe(401);
});

it('asks for the account where rules of several match, so that no other owner can take or stop a job', async () => {
  const rival = await addAccount(registry.db, 'other', 'builder');
  await registry.setRole(rival, 'other', 'reader');
  const rule = { issuer: provider.issuer, audience: 'shared', claims: { repository_id: '4711' } };
  await addTrustRule(registry.db, builder, rule);
  await addTrustRule(registry.db, builder, { ...rule, claims: { ref: 'refs/heads/main' } });
  const token = await provider.sign(jobClaims({ aud: 'shared' }));
  expect((await readTeam(bearer(token))).status).toBe(200);
  await addTrustRule(registry.db, rival, rule);
  const fresh = await provider.sign(jobClaims({ aud: 'shared', jti: '2' }));
  const unnamed = await readTeam(bearer(fresh));
  expect(unnamed.status).toBe(401);
  expect(await unnamed.text()).toContain('SPACE/NAME');
  expect((await readTeam(basic('team/builder', fresh))).status).toBe(200);
  expect((await readTeam(basic('other/builder', fresh))).status).toBe(404);
  expect((await readTeam(basic('somebody', fresh))).status).toBe(401);
});

it('says so where the issuer cannot be read, and lets it rest', async () => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(302, { Location: `${provider.issuer}/.well-known/openid-configuration` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  await addTrustRule(registry.db, builder, { issuer, audience, claims: { repository_id: '4711' } });
  const token = await provider.sign(jobClaims({ iss: issuer }));
  const responses = [await readTeam(bearer(token)), await readTeam(bearer(token))];
  expect(responses.map(({ status }) => status)).toEqual([503, 503]);
  expect(await responses[0]?.text()).not.toContain(issuer);
  // The redirect was not followed, and the second request found the issuer at rest.
  expect(requests).toBe(1);
  await new Promise((resolve) => server.close(resolve));
});

it('reads no issuer at an address that webhooks may not reach', async () => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const strict = await startEmbedded({ access: 'guarded', webhookAllow: [] }, { worker: false });
  await createPrincipals(strict.db, strict.urls).addSpace('team', 'private');
  const account = await addAccount(strict.db, 'team', 'builder');
  const issuers: [string, number][] = [
    [`http://127.0.0.1:${port}`, 503],
    [`http://localhost:${port}`, 503],
    [`http://[::1]:${port}`, 503],
    [`https://127.0.0.1:${port}`, 503],
    ['http://issuer.example.com', 401],
    ['file:///etc/passwd', 401],
  ];
  for (const [issuer, status] of issuers) {
    await addTrustRule(strict.db, account, { issuer, audience, claims: { repository_id: '4711' } });
    const token = await provider.sign(jobClaims({ iss: issuer }));
    expect((await strict.api('/spaces/team', { headers: bearer(token) })).status).toBe(status);
  }
  expect(requests).toBe(0);
  await strict.close();
  await new Promise((resolve) => server.close(resolve));
});
