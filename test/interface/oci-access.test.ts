import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hashPassword } from '../../core/access/passwords.ts';
import { beginSession } from '../../core/access/sessions.ts';
import { createClient, type TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded, type TestToken } from '../support/guarded.ts';
import { digest, openRepository, problemOf } from '../support/oci.ts';

let registry: GuardedRegistry;
let publisher: TestToken;
let reader: TestToken;
let stranger: TestToken;
let creator: TestToken;

beforeAll(async () => {
  registry = await startGuarded({}, { worker: false });
  await registry.addSpace('closed', 'private');
  await registry.addSpace('shown', 'public');
  const people = await Promise.all(
    ['pia', 'rita', 'sam', 'carl'].map((name) =>
      registry.addUser(name, name === 'carl' ? 'creator' : undefined),
    ),
  );
  const [pia = '', rita = ''] = people;
  await registry.setRole(pia, 'closed', 'publisher');
  await registry.setRole(pia, 'shown', 'publisher');
  await registry.setRole(rita, 'closed', 'reader');
  const tokens = await Promise.all(people.map((id) => registry.addToken(id)));
  [publisher, reader, stranger, creator] = tokens as [TestToken, TestToken, TestToken, TestToken];
  for (const space of ['closed', 'shown'])
    expect((await registry.admin.upload(space, { name: 'web' })).status).toBe(201);
});
afterAll(() => registry.close());
// Each test sends wrong credentials, and none so many that a delay begins.
beforeEach(() => registry.db.query('DELETE FROM login_failures'));

const answerShape = z.object({
  token: z.string(),
  access_token: z.string(),
  expires_in: z.number(),
  issued_at: z.iso.datetime(),
  scope: z.string(),
});

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Asks for a registry token with scopes. */
async function askToken(client: TestClient, ...scopes: string[]) {
  const query = new URLSearchParams(scopes.map((scope): [string, string] => ['scope', scope]));
  const response = await client.request(`/v2/token?service=helm-registry&${query}`);
  expect(response.status).toBe(200);
  return answerShape.parse(await response.json());
}

/** Client with a registry token for scopes. */
async function clientFor(client: TestClient, ...scopes: string[]) {
  const { token } = await askToken(client, ...scopes);
  return createClient(registry.urls, `Bearer ${token}`);
}

const challengeOf = (response: Response) => {
  const header = response.headers.get('www-authenticate') ?? '';
  const [, parameters = ''] = /^Bearer (.*)$/.exec(header) ?? [];
  return Object.fromEntries(
    [...parameters.matchAll(/(\w+)="([^"]*)"(?:,|$)/g)].map(([, name = '', value = '']) => [name, value]),
  );
};

describe('the challenge', () => {
  it('the challenge of the base is 401 with one Bearer challenge, whose realm is absolute', async () => {
    for (const path of ['/v2/', '/v2']) {
      const response = await registry.anonymous.request(path);
      expect(await problemOf(response)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
      expect(registry.urls.map((url) => `${url}/v2/token`)).toContain(challengeOf(response).realm);
      expect(Object.keys(challengeOf(response))).toEqual(['realm', 'service']);
    }
  });

  it.each([
    ['GET', 'tags/list', 'pull'],
    ['GET', 'manifests/1.0.0', 'pull'],
    ['HEAD', `blobs/${digest('')}`, 'pull'],
    ['GET', `referrers/${digest('')}`, 'pull'],
    ['POST', 'blobs/uploads/', 'pull,push'],
    ['PUT', 'manifests/1.0.0', 'pull,push'],
    ['DELETE', 'manifests/1.0.0', 'delete'],
  ])('the challenge of %s %s names the actions that it needs', async (method, path, actions) => {
    for (const space of ['closed', 'absent']) {
      const response = await registry.anonymous.request(`/v2/${space}/web/${path}`, { method });
      expect(response.status).toBe(401);
      expect(challengeOf(response).scope).toBe(`repository:${space}/web:${actions}`);
      expect(challengeOf(response).error).toBeUndefined();
    }
  });

  it('the challenge of a mount names both repositories', async () => {
    const path = `/v2/closed/copy/blobs/uploads/?mount=${digest('a')}&from=shown/web`;
    const response = await registry.anonymous.request(path, { method: 'POST' });
    expect(challengeOf(response).scope).toBe('repository:closed/copy:pull,push repository:shown/web:pull');
  });

  it('the challenge is not sent to a script of a page', async () => {
    const headers = { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Site': 'same-origin' };
    const response = await registry.anonymous.request('/v2/closed/web/tags/list', { headers });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, null]);
  });
});

describe('the base of the interface', () => {
  it('the base of the interface is 200 with a token as Bearer, as any password, and with a registry token without scopes', async () => {
    const { token } = await askToken(stranger.client);
    for (const authorization of [
      `Bearer ${stranger.text}`,
      basic('sam', stranger.text),
      basic('', stranger.text),
      `Bearer ${token}`,
    ])
      expect((await createClient(registry.urls, authorization).request('/v2/')).status).toBe(200);
  });

  it.each([
    ['a wrong password', () => basic('pia', 'wrong')],
    ['a malformed token', () => 'Bearer hrt_1'],
    ['another token', () => `Bearer ${publisher.text.slice(0, -2)}xx`],
    ['a JWT of nobody', () => 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.'],
    ['a header without a text', () => 'Bearer'],
    ['an unknown scheme', () => 'Negotiate abc'],
    ['Basic without base64', () => 'Basic ???'],
  ])('refuses %s on every path', async (_, authorization) => {
    const client = createClient(registry.urls, authorization());
    for (const path of ['/v2/', '/v2/shown/web/tags/list', '/v2/nothing', '/v2/token', '/v2/_catalog']) {
      const response = await client.request(path);
      expect(await problemOf(response), path).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
      expect(challengeOf(response).realm, path).toMatch(/^http:.*\/v2\/token$/);
    }
  });

  it('takes the empty pair of containers/image for no credentials', async () => {
    const client = createClient(registry.urls, 'Basic Og==');
    expect((await client.request('/v2/shown/web/tags/list')).status).toBe(200);
    expect((await client.request('/v2/token')).status).toBe(200);
    expect((await client.request('/v2/')).status).toBe(401);
  });

  it('refuses a header of 64 KB, and reads one of 15 KB', async () => {
    const long = createClient(registry.urls, `Bearer ${'a'.repeat(15_000)}`);
    for (const path of ['/v2/', '/v2/shown/web/tags/list', '/api/v1/spaces', '/shown/index.yaml'])
      expect((await long.request(path)).status, path).toBe(401);
    const client = createClient(registry.urls, `Bearer ${'a'.repeat(65_536)}`);
    expect((await client.request('/v2/')).status).toBe(431);
  });

  it('never reads a token from the query', async () => {
    const { token } = await askToken(reader.client, 'repository:closed/web:pull');
    for (const name of ['token', 'access_token', 'authorization', 'password'])
      for (const text of [token, reader.text]) {
        const query = new URLSearchParams({ [name]: text });
        expect((await registry.anonymous.request(`/v2/closed/web/tags/list?${query}`)).status).toBe(401);
        const asked = await registry.anonymous.request(
          `/v2/token?${query}&account=rita&scope=repository:closed/web:pull`,
        );
        expect(answerShape.parse(await asked.json()).scope).toBe('');
      }
  });
});

describe('the token endpoint', () => {
  it('grants what was asked and may be done, and says so', async () => {
    const answer = await askToken(
      publisher.client,
      'repository:closed/web:pull,push,delete',
      'repository:shown/web:pull repository:absent/web:pull,push',
    );
    expect(answer.scope).toBe('repository:closed/web:pull,push repository:shown/web:pull');
    expect(answer.token).toBe(answer.access_token);
    expect(answer.expires_in).toBe(300);
    expect(Math.abs(Date.parse(answer.issued_at) - Date.now())).toBeLessThan(60_000);
  });

  it('lets who may create a space pull from it and push to it before it is there', async () => {
    const scope = 'repository:absent/web:pull,push';
    expect((await askToken(creator.client, scope)).scope).toBe(scope);
    const client = await clientFor(creator.client, scope);
    const response = await client.request('/v2/absent/web/manifests/1.0.0', { method: 'HEAD' });
    expect(response.status).toBe(404);
  });

  it('gives anonymous callers a token for what is public', async () => {
    const scopes = ['repository:shown/web:pull,push', 'repository:closed/web:pull'];
    expect((await askToken(registry.anonymous, ...scopes)).scope).toBe('repository:shown/web:pull');
    const client = await clientFor(registry.anonymous, ...scopes);
    expect((await client.request('/v2/shown/web/tags/list')).status).toBe(200);
    const refused = await client.request('/v2/closed/web/tags/list');
    expect(challengeOf(refused)).toMatchObject({ error: 'insufficient_scope' });
    expect(await problemOf(refused)).toMatchObject({
      status: 401,
      message: expect.stringContaining('Log in'),
    });
  });

  it.each([
    '',
    'repository',
    'repository:',
    'repository:closed/web',
    'repository::pull',
    'repository:a:b:closed/web:pull',
    'repository:closed/web:',
    'repository:closed/web:PULL,write',
    'repository:closed/web\0:pull',
    `repository:closed/${'a'.repeat(5_000)}:pull`,
    'repository:../closed/web:pull',
    'repository:closed:pull',
    'artifact-repository:closed:pull',
    'registry:catalog',
    'samalba/my-app:pull',
    'repository(plugin):closed/web:pull',
    'repository:closed%2fweb:pull',
    'repository:closed/web:pull\trepository:closed/web:push',
    'repository:closed/web:\tpull',
    'repository:Closed/web:pull',
  ])('grants nothing for the scope %j', async (scope) => {
    expect((await askToken(publisher.client, scope)).scope).toBe('');
  });

  it('grants all actions for an asterisk, and repeats a scope once', async () => {
    const scopes = ['repository:closed/web:*', 'repository:closed/web:pull,pull', 'registry:catalog:*'];
    const all = await askToken(registry.admin, ...scopes);
    expect(all.scope).toBe('repository:closed/web:pull,push,delete registry:catalog:*');
  });

  it('refuses more repositories than a token holds, and ignores any number of other scopes', async () => {
    const form = (scopes: string[]) =>
      registry.anonymous.request('/v2/token', {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'password',
          username: 'pia',
          password: publisher.text,
          scope: scopes.join(' '),
        }),
      });
    const thousand = Array.from({ length: 1_000 }, (_, index) => `repository:closed/web${index}:pull`);
    expect(await problemOf(await form(thousand))).toMatchObject({ status: 400, code: 'UNSUPPORTED' });
    const others = await form(thousand.map((scope) => scope.replace('repository', 'plugin')));
    expect(others.status).toBe(200);
    const few = await form(thousand.slice(0, 50));
    const { token } = answerShape.parse(await few.json());
    expect(token.length).toBeLessThan(8_000);
    expect((await form([`repository:closed/web:pull${' '.repeat(70_000)}`])).status).toBe(413);
  });

  it('takes a password grant, and refuses others', async () => {
    const send = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      registry.anonymous.request('/v2/token', { method: 'POST', headers, body: new URLSearchParams(fields) });
    const login = { grant_type: 'password', service: 'x', client_id: 'oras-go' };
    const right = await send({ ...login, username: 'pia', password: publisher.text });
    expect(right.status).toBe(200);
    expect(right.headers.get('cache-control')).toBe('no-store');
    const { token } = answerShape.parse(await right.json());
    expect((await createClient(registry.urls, `Bearer ${token}`).request('/v2/')).status).toBe(200);
    const wrong = await send({ ...login, username: 'pia', password: 'wrong' });
    expect(await problemOf(wrong)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect((await send(login)).status).toBe(401);
    for (const fields of [
      { grant_type: 'refresh_token', refresh_token: token },
      { grant_type: 'refresh_token', refresh_token: publisher.text },
      { grant_type: 'client_credentials' },
      { username: 'pia', password: publisher.text },
    ])
      expect((await send(fields)).status).toBe(400);
    // The scopes of a form are those in it.
    const mixed = await registry.anonymous.request('/v2/token?scope=repository:closed/web:pull,push', {
      method: 'POST',
      body: new URLSearchParams({
        ...{ ...login, username: 'pia', password: publisher.text },
        scope: 'repository:shown/web:pull',
      }),
    });
    expect(answerShape.parse(await mixed.json()).scope).toBe('repository:shown/web:pull');
    const both = { ...login, username: 'pia', password: publisher.text };
    expect((await send(both, { Authorization: basic('pia', publisher.text) })).status).toBe(400);
  });

  it('takes the password of a user, and a disabled user has no use of the registry token', async () => {
    const id = await registry.addUser('paul');
    await registry.setRole(id, 'closed', 'reader');
    const hash = await hashPassword('a password of paul');
    await registry.db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [id, hash]);
    const paul = createClient(registry.urls, basic('paul', 'a password of paul'));
    const client = await clientFor(paul, 'repository:closed/web:pull');
    const read = async () => (await client.request('/v2/closed/web/tags/list')).status;
    expect(await read()).toBe(200);
    await registry.db.query('UPDATE principals SET disabled = true WHERE id = $1', [id]);
    expect(await read()).toBe(401);
    expect((await paul.request('/v2/token')).status).toBe(401);
  });

  it('takes no registry token for the next', async () => {
    const { token } = await askToken(publisher.client);
    const anonymous = await askToken(registry.anonymous);
    for (const text of [token, anonymous.token]) {
      expect((await createClient(registry.urls, `Bearer ${text}`).request('/v2/token')).status).toBe(401);
      expect((await createClient(registry.urls, basic('pia', text)).request('/v2/token')).status).toBe(401);
    }
  });
});

describe('a registry token', () => {
  it('allows its scopes and no more, and 401 names what is missing', async () => {
    const client = await clientFor(publisher.client, 'repository:closed/web:pull');
    expect((await client.request('/v2/closed/web/manifests/1.0.0')).status).toBe(200);
    for (const [method, path, scope] of [
      ['GET', 'closed/other/tags/list', 'repository:closed/other:pull'],
      ['POST', 'closed/web/blobs/uploads/', 'repository:closed/web:pull,push'],
      ['PUT', 'closed/web/manifests/2.0.0', 'repository:closed/web:pull,push'],
      ['GET', '_catalog', 'registry:catalog:*'],
    ] as const) {
      const response = await client.request(`/v2/${path}`, { method });
      expect(challengeOf(response)).toMatchObject({ scope, error: 'insufficient_scope' });
      expect(await problemOf(response)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    }
  });

  it('a registry token is refused from memory too, where another caller has just read the same', async () => {
    const path = '/v2/closed/web/manifests/1.0.0';
    const right = await clientFor(publisher.client, 'repository:closed/web:pull');
    const other = await clientFor(publisher.client, 'repository:closed/other:pull');
    for (let round = 0; round < 3; round += 1) {
      for (const form of [path, path.replace('v', '%76')])
        expect((await right.request(form)).status).toBe(200);
      expect((await other.request(path)).status).toBe(401);
      expect((await registry.anonymous.request(path)).status).toBe(401);
      expect((await stranger.client.request(path)).status).toBe(404);
    }
  });

  it('ends with the token and with the role that it was made from', async () => {
    const id = await registry.addUser('temporary');
    await registry.setRole(id, 'closed', 'reader');
    const token = await registry.addToken(id);
    const client = await clientFor(token.client, 'repository:closed/web:pull');
    const read = async () => (await client.request('/v2/closed/web/tags/list')).status;
    expect(await read()).toBe(200);
    await registry.setRole(id, 'closed', undefined);
    expect(await read()).toBe(404);
    await registry.setRole(id, 'closed', 'reader');
    expect(await read()).toBe(200);
    await registry.db.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [token.id]);
    expect(await read()).toBe(401);
  });

  it('ends with the password that it was made from', async () => {
    const id = await registry.addUser('changing');
    await registry.setRole(id, 'closed', 'reader');
    const setPassword = async (password: string) => {
      const hash = await hashPassword(password);
      await registry.db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [id, hash]);
    };
    await setPassword('the first password');
    const basicClient = createClient(registry.urls, basic('changing', 'the first password'));
    const client = await clientFor(basicClient, 'repository:closed/web:pull');
    const read = async () => (await client.request('/v2/closed/web/tags/list')).status;
    expect(await read()).toBe(200);
    await registry.addUser('somebody-else');
    expect(await read()).toBe(200);
    await setPassword('the second password');
    expect(await read()).toBe(401);
  });

  it('a registry token is not made from the session of a browser', async () => {
    const session = await beginSession(registry.db, await registry.addUser('browsing'), 3600);
    const headers = { Cookie: `helm-registry=${session?.secret}` };
    expect((await registry.anonymous.request('/v2/', { headers })).status).toBe(200);
    expect((await registry.anonymous.request('/v2/token', { headers })).status).toBe(401);
  });

  it('a registry token has the bounds of the token that it was made from', async () => {
    const id = await registry.addUser('bounded');
    await registry.setRole(id, 'closed', 'owner');
    const token = await registry.addToken(id, { role: 'publisher', charts: ['web*'] });
    const scopes = ['repository:closed/web:pull,push,delete', 'repository:closed/db:pull,push'];
    expect((await askToken(token.client, ...scopes)).scope).toBe('repository:closed/web:pull,push');
    const client = await clientFor(token.client, ...scopes);
    expect((await client.request('/v2/closed/db/tags/list')).status).toBe(404);
  });

  it('a wrong registry token is no failed log-in, however often it is sent', async () => {
    const { token } = await askToken(reader.client, 'repository:closed/web:pull');
    const [header, payload] = token.split('.');
    const forged = createClient(registry.urls, `Bearer ${header}.${payload}.${'A'.repeat(43)}`);
    for (let attempt = 0; attempt < 15; attempt += 1) {
      const response = await forged.request('/v2/closed/web/tags/list');
      expect([response.status, challengeOf(response).error]).toEqual([401, 'invalid_token']);
    }
  });

  it('counts at the OCI interface alone', async () => {
    const client = await clientFor(registry.admin, 'repository:closed/web:pull,push,delete');
    for (const path of [
      '/api/v1/spaces',
      '/api/v1/spaces/closed/charts',
      '/closed/index.yaml',
      '/api/closed/charts',
    ])
      expect((await client.request(path)).status, path).toBe(401);
  });
});

describe('a caller without the right', () => {
  it('gets the 404 of what is not there, byte for byte', async () => {
    const ends = [
      'tags/list',
      'manifests/1.0.0',
      `manifests/${digest('x')}`,
      `blobs/${digest('x')}`,
      `referrers/${digest('x')}`,
    ];
    for (const client of [stranger.client, await clientFor(stranger.client, 'repository:closed/web:pull')])
      for (const end of ends) {
        const [closed, absent] = await Promise.all(
          ['closed', 'absent'].map(async (space) => {
            const response = await client.request(`/v2/${space}/web/${end}`);
            return (await response.text()).replaceAll(space, 'SPACE');
          }),
        );
        expect(closed).toBe(absent);
        expect(closed).toContain('"NAME_UNKNOWN"');
      }
  });

  it('gets 403 DENIED with the right that is missing where it may read', async () => {
    for (const client of [
      reader.client,
      await clientFor(reader.client, 'repository:closed/web:pull,push,delete'),
    ]) {
      const push = await client.request('/v2/closed/web/blobs/uploads/', { method: 'POST' });
      expect(await problemOf(push)).toMatchObject({ status: 403, code: 'DENIED' });
      const removal = await openRepository(client, 'closed/web').remove('manifests/1.0.0');
      const { code, message } = await problemOf(removal);
      expect([code, message]).toEqual(['DENIED', expect.stringContaining('chart.delete')]);
    }
  });
});
