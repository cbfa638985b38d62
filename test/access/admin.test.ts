import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { createClient, type TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
let admin: TestClient;
beforeAll(async () => {
  registry = await startGuarded({}, { worker: false });
  admin = registry.admin;
});
afterAll(() => registry.close());

/** Sends a request with a JSON body, and reads the answer. */
async function send(client: TestClient, method: string, path: string, body?: object) {
  const response = await client.api(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = text === '' ? {} : JSON.parse(text);
  return { status: response.status, json, code: json.code, headers: response.headers };
}

const withToken = (text: string) => createClient(registry.urls, `Bearer ${text}`);

let counter = 0;
/** Creates a user with a client of its own. */
async function newUser(role?: 'admin' | 'creator' | 'auditor') {
  counter += 1;
  const name = `user${counter}`;
  const id = await registry.addUser(name, role);
  return { name, id, client: (await registry.addToken(id)).client };
}

/** Creates a private space with an owner. */
async function newSpace() {
  const owner = await newUser('creator');
  const space = `space${counter}`;
  expect((await send(owner.client, 'POST', `/spaces?space=${space}`)).status).toBe(201);
  return { space, owner };
}

const strangersMayNot = async (method: string, path: string, body?: object) => {
  const stranger = (await newUser('creator')).client;
  expect((await send(stranger, method, path, body)).code).toBe('access.denied');
  const nobody = await send(registry.anonymous, method, path, body);
  expect([nobody.status, nobody.code]).toEqual([401, 'access.unauthenticated']);
};

describe('users', () => {
  it('users are created, listed, changed and deleted by admins alone', async () => {
    const made = await send(admin, 'POST', '/users', {
      name: 'ann@example.com',
      password: 'four words of mine',
    });
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.json).toEqual({
      name: 'ann@example.com',
      role: null,
      disabled: false,
      login: 'password',
      issuer: null,
      createdAt: expect.any(String),
    });
    expect((await send(admin, 'POST', '/users', { name: 'ann@example.com' })).code).toBe('principal.exists');
    const changed = await send(admin, 'PATCH', '/users/ann@example.com', { role: 'creator', disabled: true });
    expect(changed.json).toMatchObject({ role: 'creator', disabled: true, login: 'password' });
    const list = await send(admin, 'GET', '/users?limit=1');
    expect(list.json.metadata).toEqual({ total: expect.any(Number), itemsLength: 1 });
    expect(list.json.items[0].name).toBe('ann@example.com');
    expect((await send(admin, 'DELETE', '/users/ann@example.com')).status).toBe(204);
    expect((await send(admin, 'GET', '/users/ann@example.com')).code).toBe('principal.notFound');
    await strangersMayNot('GET', '/users');
    await strangersMayNot('POST', '/users', { name: 'x' });
    await strangersMayNot('PATCH', '/users/root', { disabled: true });
    await strangersMayNot('DELETE', '/users/root');
  });

  it.each(['', '-x', '.x', 'a b', 'ä', 'a/b', 'a:b', 'x'.repeat(101), 'a\u0000b'])(
    'users have no name like %j',
    async (name) => {
      expect((await send(admin, 'POST', '/users', { name })).status).toBe(400);
      expect((await send(admin, 'GET', `/users/${encodeURIComponent(name)}`)).status).not.toBe(500);
    },
  );

  it('users with a poor password are refused, and no answer repeats a password', async () => {
    for (const password of ['zx81', 'password123', 'x'.repeat(2000), 7777777]) {
      const refused = await send(admin, 'POST', '/users', { name: 'poor', password });
      expect(refused.code).toBe('request.invalid');
      expect(JSON.stringify(refused.json)).not.toContain(String(password));
    }
    expect((await send(admin, 'POST', '/users', { name: 'poor', secret: 'x' })).code).toBe('request.invalid');
  });

  it('users of a provider have no password here', async () => {
    const { name, id } = await newUser();
    await registry.db.query(
      "UPDATE principals SET issuer = 'https://x.example', subject = $1 WHERE id = $1",
      [id],
    );
    const refused = await send(admin, 'PATCH', `/users/${name}`, { password: 'four words of mine' });
    expect([refused.status, refused.json.details]).toEqual([400, { pointer: '/password' }]);
  });

  it('users that are disabled or deleted cannot act with the next request', async () => {
    const { name, client } = await newUser();
    expect((await send(client, 'GET', '/tokens')).status).toBe(200);
    await send(admin, 'PATCH', `/users/${name}`, { disabled: true });
    expect((await send(client, 'GET', '/tokens')).status).toBeOneOf([401, 429]);
    await send(admin, 'PATCH', `/users/${name}`, { disabled: false });
    expect((await send(client, 'GET', '/tokens')).status).toBe(200);
    await send(admin, 'DELETE', `/users/${name}`);
    expect((await send(client, 'GET', '/tokens')).status).toBeOneOf([401, 429]);
  });

  it('the last admin stays, also when admins remove each other at the same moment', async () => {
    const one = await newUser('admin');
    const other = await newUser('admin');
    expect((await send(one.client, 'PATCH', '/users/root', { role: 'auditor' })).status).toBe(200);
    const ways = [
      (by: TestClient, name: string) => send(by, 'DELETE', `/users/${name}`),
      (by: TestClient, name: string) => send(by, 'PATCH', `/users/${name}`, { disabled: true }),
      (by: TestClient, name: string) => send(by, 'PATCH', `/users/${name}`, { role: null }),
    ];
    const admins = async () =>
      (
        await registry.db.query<{ name: string }>(
          "SELECT name FROM principals WHERE registry_role = 'admin' AND NOT disabled",
        )
      ).map(({ name }) => name);
    for (const way of ways) {
      await Promise.all([
        way(one.client, other.name),
        way(other.client, one.name),
        way(one.client, one.name),
        way(other.client, other.name),
      ]);
      const left = await admins();
      expect(left).toHaveLength(1);
      const last = left[0] === one.name ? one : other;
      const refused = await way(last.client, last.name);
      expect([refused.status, refused.code]).toEqual([409, 'principal.lastAdmin']);
      await registry.db.query(
        `INSERT INTO principals (kind, name, registry_role) VALUES ('user', $1, 'admin'), ('user', $2, 'admin')
         ON CONFLICT (kind, name) WHERE space_id IS NULL DO UPDATE SET registry_role = 'admin', disabled = false`,
        [one.name, other.name],
      );
      for (const user of [one, other]) {
        const [row] = await registry.db.query<{ id: string }>('SELECT id FROM principals WHERE name = $1', [
          user.name,
        ]);
        user.client = (await registry.addToken(row?.id ?? '')).client;
      }
    }
    await send(one.client, 'PATCH', '/users/root', { role: 'admin' });
    await send(admin, 'DELETE', `/users/${one.name}`);
    await send(admin, 'DELETE', `/users/${other.name}`);
    expect(await admins()).toEqual(['root']);
  });
});

describe('the own password', () => {
  it('the own password is changed by who knows it, and ends browser sessions', async () => {
    const [first, second] = ['the first of my passwords', 'the second of my passwords'];
    await send(admin, 'POST', '/users', { name: 'pat', password: first });
    const [row] = await registry.db.query<{ id: string }>("SELECT id FROM principals WHERE name = 'pat'");
    const { client } = await registry.addToken(row?.id ?? '');
    await registry.db.query("INSERT INTO sessions VALUES ('\\x00', $1, now(), now() + interval '1 hour')", [
      row?.id,
    ]);
    const change = (old: string, next: string) => send(client, 'PUT', '/whoami/password', { old, new: next });
    expect((await change(second, 'something else')).json.details).toEqual({ pointer: '/old' });
    expect((await change(first, 'short')).code).toBe('request.invalid');
    const sessions = () => registry.db.query('SELECT 1 FROM sessions');
    expect(await sessions()).toHaveLength(1);
    expect((await change(first, second)).status).toBe(204);
    expect(await sessions()).toHaveLength(0);
    expect((await change(first, 'something else')).status).toBe(400);
    expect((await change(second, first)).status).toBe(204);
  });

  it('of two changes at once the second knows it no more', async () => {
    const old = 'the oldest of my passwords';
    await send(admin, 'POST', '/users', { name: 'twin', password: old });
    const [row] = await registry.db.query<{ id: string }>("SELECT id FROM principals WHERE name = 'twin'");
    const { client } = await registry.addToken(row?.id ?? '');
    const answers = await Promise.all(
      ['one more password', 'another password of mine'].map((next) =>
        send(client, 'PUT', '/whoami/password', { old, new: next }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 400]);
  });

  it('the own password is none of a service account, nor of nobody', async () => {
    const body = { old: 'four words of mine', new: 'five words of my own' };
    expect((await send(registry.anonymous, 'PUT', '/whoami/password', body)).status).toBe(401);
    expect((await send((await newUser()).client, 'PUT', '/whoami/password', body)).code).toBe(
      'request.invalid',
    );
  });
});

describe('groups', () => {
  it('give their members what they may do', async () => {
    const { space } = await newSpace();
    const { name, client } = await newUser();
    const group = '/oidc/team:a';
    const path = `/groups/${encodeURIComponent(group)}`;
    expect((await send(admin, 'POST', '/groups', { name: group })).json).toMatchObject({
      name: group,
      members: 0,
    });
    expect((await send(admin, 'POST', '/groups', { name: group })).code).toBe('principal.exists');
    expect((await send(admin, 'PUT', `${path}/members/${name}`)).json).toEqual({
      user: name,
      fromClaim: false,
    });
    expect((await send(admin, 'GET', path)).json.members).toBe(1);
    expect((await send(client, 'GET', `/spaces/${space}`)).status).toBe(404);
    const member = `/spaces/${space}/members/${encodeURIComponent(`group:${group}`)}`;
    expect((await send(admin, 'PUT', member, { role: 'reader' })).json).toMatchObject({
      principal: `group:${group}`,
      role: 'reader',
    });
    expect((await send(client, 'GET', `/spaces/${space}`)).status).toBe(200);
    expect((await send(client, 'GET', '/whoami')).json.spaces).toEqual([{ space, role: 'reader' }]);
    expect((await send(admin, 'DELETE', `${path}/members/${name}`)).status).toBe(204);
    expect((await send(admin, 'DELETE', `${path}/members/${name}`)).code).toBe('principal.notFound');
    expect((await send(client, 'GET', `/spaces/${space}`)).status).toBe(404);
    await send(admin, 'PUT', `${path}/members/${name}`);
    await send(admin, 'PATCH', path, { role: 'admin' });
    expect((await send(client, 'GET', '/users')).status).toBe(200);
    expect((await send(admin, 'GET', `${path}/members`)).json.items).toEqual([
      { user: name, fromClaim: false },
    ]);
    expect((await send(admin, 'DELETE', path)).status).toBe(204);
    expect((await send(client, 'GET', '/users')).status).toBe(403);
    await strangersMayNot('POST', '/groups', { name: 'g' });
    await strangersMayNot('PUT', `${path}/members/${name}`);
  });
});

describe('members of a space', () => {
  it('the creator is its owner, by every way to create one', async () => {
    const creator = await newUser('creator');
    const archive = await packChart({ name: 'web' });
    expect((await send(creator.client, 'POST', '/spaces?space=by-post&visibility=internal')).status).toBe(
      201,
    );
    expect((await creator.client.upload('by-upload', archive)).status).toBe(201);
    for (const [space, visibility] of [
      ['by-post', 'internal'],
      ['by-upload', 'private'],
    ]) {
      const members = await send(creator.client, 'GET', `/spaces/${space}/members`);
      expect(members.json.items).toEqual([
        { principal: `user:${creator.name}`, role: 'owner', disabled: false },
      ]);
      expect((await send(creator.client, 'GET', `/spaces/${space}`)).json.visibility).toBe(visibility);
    }
    expect((await (await newUser()).client.upload('by-nobody', archive)).status).toBe(403);
    expect((await send(admin, 'GET', '/spaces/by-nobody')).status).toBe(404);
  });

  it('of two creators at once one gets the space, and the other no right in it', async () => {
    for (let round = 0; round < 4; round += 1) {
      const creators = await Promise.all([newUser('creator'), newUser('creator')]);
      const archives = await Promise.all(['a', 'b'].map((name) => packChart({ name })));
      const answers = await Promise.all(
        creators.map(({ client }, index) => client.upload(`both${round}`, archives[index] ?? Buffer.of())),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
      const members = await send(admin, 'GET', `/spaces/both${round}/members`);
      const winner = creators[answers.findIndex(({ status }) => status === 201)];
      expect(members.json.items).toEqual([
        { principal: `user:${winner?.name}`, role: 'owner', disabled: false },
      ]);
    }
  });

  it('members of a space are set, changed and removed by owners', async () => {
    const { space, owner } = await newSpace();
    const { name, client } = await newUser();
    const path = `/spaces/${space}/members/user:${name}`;
    expect((await send(owner.client, 'PUT', path, { role: 'publisher' })).json).toEqual({
      principal: `user:${name}`,
      role: 'publisher',
      disabled: false,
    });
    expect((await client.upload(space, { name: 'web' })).status).toBe(201);
    expect((await send(client, 'GET', `/spaces/${space}/members`)).code).toBe('access.denied');
    expect((await send(owner.client, 'PUT', path, { role: 'emperor' })).json.details).toEqual({
      pointer: '/role',
    });
    expect((await send(owner.client, 'DELETE', path)).status).toBe(204);
    expect((await send(owner.client, 'DELETE', path)).code).toBe('member.notFound');
    expect((await send(client, 'GET', `/spaces/${space}`)).status).toBe(404);
    const unknown = await send(owner.client, 'PUT', `/spaces/${space}/members/user:nemo`, { role: 'reader' });
    expect([unknown.status, unknown.code]).toEqual([404, 'principal.notFound']);
    for (const odd of ['nemo', 'robot:x', 'user:', 'account:a%2Fb%2Fc', 'user:a%00b'])
      expect(
        (await send(owner.client, 'PUT', `/spaces/${space}/members/${odd}`, { role: 'reader' })).status,
      ).toBeOneOf([400, 404]);
    await strangersMayNot('PUT', `/spaces/${space}/members/user:root`, { role: 'reader' });
    await strangersMayNot('PUT', '/spaces/absent/members/user:root', { role: 'reader' });
  });

  it('the last owner is removed by an admin alone, also of two who go at once', async () => {
    const { space, owner } = await newSpace();
    const other = await newUser();
    const member = (name: string) => `/spaces/${space}/members/user:${name}`;
    const alone = await send(owner.client, 'DELETE', member(owner.name));
    expect([alone.status, alone.code]).toEqual([409, 'member.lastOwner']);
    expect((await send(owner.client, 'PUT', member(owner.name), { role: 'reader' })).code).toBe(
      'member.lastOwner',
    );
    await send(owner.client, 'PUT', member(other.name), { role: 'owner' });
    await Promise.all([
      send(owner.client, 'DELETE', member(owner.name)),
      send(other.client, 'DELETE', member(other.name)),
      send(owner.client, 'PUT', member(other.name), { role: 'reader' }),
    ]);
    const left = (await send(admin, 'GET', `/spaces/${space}/members`)).json.items;
    expect(left.filter(({ role }: { role: string }) => role === 'owner')).toHaveLength(1);
    for (const name of [owner.name, other.name]) await send(admin, 'DELETE', member(name));
    expect((await send(admin, 'GET', `/spaces/${space}/members`)).json.items).toEqual([]);
  });
});

describe('visibility', () => {
  it('visibility is changed by owners and counts with the next request', async () => {
    const { space, owner } = await newSpace();
    const { client } = await newUser();
    const path = `/spaces/${space}`;
    const seenBy = async () => [
      (await send(client, 'GET', path)).status,
      (await send(registry.anonymous, 'GET', path)).status,
    ];
    expect(await seenBy()).toEqual([404, 401]);
    const shown = await send(owner.client, 'PATCH', path, { visibility: 'internal' });
    expect(shown.json).toEqual({
      name: space,
      overwriting: 'mutable',
      visibility: 'internal',
      charts: 0,
      versions: 0,
      quota: { bytes: { used: 0, limit: null }, versions: { used: 0, limit: null } },
    });
    expect(await seenBy()).toEqual([200, 401]);
    await send(owner.client, 'PATCH', path, { visibility: 'public', overwriting: 'immutable' });
    expect(await seenBy()).toEqual([200, 200]);
    const odd = await send(owner.client, 'PATCH', path, { visibility: 'secret' });
    expect(odd.json.details).toEqual({ pointer: '/visibility' });
    expect((await send(owner.client, 'PATCH', path, {})).status).toBe(400);
    expect((await send(client, 'PATCH', path, { visibility: 'private' })).code).toBe('access.denied');
  });
});

describe('whoami', () => {
  it('whoami tells callers about themselves', async () => {
    expect((await send(registry.anonymous, 'GET', '/whoami')).json).toEqual({ kind: 'anonymous' });
    expect((await send(withToken('hrt_x'), 'GET', '/whoami')).status).toBeOneOf([401, 429]);
    const { space, owner } = await newSpace();
    expect((await send(owner.client, 'GET', '/whoami')).json).toMatchObject({
      kind: 'user',
      name: owner.name,
      credential: 'token',
      registryRoles: ['creator'],
      spaces: [{ space, role: 'owner' }],
      bounds: null,
      token: { name: 'test', expiresAt: expect.any(String) },
    });
    const narrow = await registry.addToken(owner.id, { role: 'reader', spaces: [space], charts: ['web-*'] });
    expect((await send(narrow.client, 'GET', '/whoami')).json).toMatchObject({
      registryRoles: [],
      spaces: [{ space, role: 'reader' }],
      bounds: { role: 'reader', spaces: [space], charts: ['web-*'] },
      token: { id: narrow.id },
    });
  });
});
