import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { startRegistry } from '../support/registry.ts';

let registry: GuardedRegistry;
let admin: TestClient;
beforeAll(async () => {
  registry = await startGuarded({ tokenMaxDays: 100 }, { worker: false });
  admin = registry.admin;
});
afterAll(() => registry.close());

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
const daysUntil = (time: string) => Math.round((Date.parse(time) - Date.now()) / 86_400_000);

/** Statuses of credentials that are not valid; the second asks to wait after many of them. */
const refused = [401, 429];

let counter = 0;
async function newUser(role?: 'admin' | 'creator', seconds = 80 * 86_400) {
  counter += 1;
  const name = `user${counter}`;
  const id = await registry.addUser(name, role);
  const { id: tokenId, client } = await registry.addToken(id, { seconds });
  return { name, tokenId, client };
}

/** Gives a user a password. @returns a client that sends it */
async function withPassword(name: string): Promise<TestClient> {
  const password = 'a sentence of several words';
  expect((await send(admin, 'PATCH', `/users/${name}`, { password })).status).toBe(200);
  return createClient(registry.urls, `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`);
}

async function newSpace() {
  const owner = await newUser('creator');
  const space = `space${counter}`;
  expect((await send(owner.client, 'POST', `/spaces?space=${space}`)).status).toBe(201);
  return { space, owner };
}

describe('tokens', () => {
  it('tokens are made by their owners, and their text is shown once', async () => {
    const { space, owner } = await newSpace();
    const body = { name: 'ci', expiresInDays: 30, role: 'publisher', spaces: [space], charts: ['web-*'] };
    const made = await send(owner.client, 'POST', '/tokens', body);
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    const { token: text, ...shown } = made.json;
    expect(text).toMatch(/^hrt_/);
    expect(shown).toMatchObject({
      name: 'ci',
      owner: `user:${owner.name}`,
      role: 'publisher',
      spaces: [space],
      charts: ['web-*'],
      state: 'live',
      lastUsedAt: null,
      previousUntil: null,
    });
    expect(daysUntil(shown.expiresAt)).toBe(30);
    const listed = await send(owner.client, 'GET', '/tokens');
    expect(listed.json.items[0]).toEqual(shown);
    expect(JSON.stringify(listed.json)).not.toContain(text.slice(-43));
    expect((await send(owner.client, 'GET', `/tokens/${shown.id}`)).json).toEqual(shown);
    const client = withToken(text);
    expect((await client.upload(space, { name: 'web-shop' })).status).toBe(201);
    expect((await client.upload(space, { name: 'db' })).status).toBe(403);
    expect((await send(owner.client, 'POST', '/tokens', { ...body, charts: ['*'] })).code).toBe(
      'token.exists',
    );
    expect((await send(registry.anonymous, 'GET', '/tokens')).status).toBe(401);
    expect((await send(registry.anonymous, 'POST', '/tokens', body)).status).toBe(401);
  });

  it.each([
    [{ name: '' }, '/name'],
    [{ name: 'a\nb' }, '/name'],
    [{ name: 'x', expiresInDays: 101 }, '/expiresInDays'],
    [{ name: 'x', expiresInDays: 0 }, '/expiresInDays'],
    [{ name: 'x', expiresInDays: 1.5 }, '/expiresInDays'],
    [{ name: 'x', role: 'admin' }, '/role'],
    [{ name: 'x', spaces: [] }, '/spaces'],
    [{ name: 'x', charts: [] }, '/charts'],
    [{ name: 'x', charts: ['******'] }, '/charts'],
    [{ name: 'x', charts: ['a/b'] }, '/charts'],
    [{ name: 'x', charts: ['x'.repeat(101)] }, '/charts'],
    [{ name: 'x', charts: Array(21).fill('a') }, '/charts'],
  ])('tokens with the faulty bounds %j are refused', async (body, pointer) => {
    const denied = await send((await newUser()).client, 'POST', '/tokens', body);
    expect([denied.code, denied.json.details]).toEqual(['request.invalid', { pointer }]);
  });

  it('tokens for a space that is not there and for one that may not be read are refused in the same words', async () => {
    const { space } = await newSpace();
    const { client } = await newUser();
    const answers = await Promise.all(
      [space, 'absent'].map((name) => send(client, 'POST', '/tokens', { name: 'x', spaces: [name] })),
    );
    const [existing, absent] = answers.map(({ status, json }) =>
      JSON.stringify([status, json]).replace(space, 'absent'),
    );
    expect(existing).toBe(absent);
    expect(answers[0]?.code).toBe('space.notFound');
  });

  it('made with a token are no wider than it, and end with it', async () => {
    const { space, owner } = await newSpace();
    const other = (await send(owner.client, 'POST', '/spaces?space=wider')).json.name;
    const bounds = { role: 'publisher', spaces: [space], charts: ['web-*', 'db'] };
    const made = await send(owner.client, 'POST', '/tokens', {
      name: 'narrow',
      expiresInDays: 10,
      ...bounds,
    });
    const narrow = withToken(made.json.token);
    for (const wider of [
      { role: 'maintainer' },
      { spaces: [space, other] },
      { charts: ['*'] },
      { charts: ['web*'] },
      { charts: ['shop'] },
      { expiresInDays: 11 },
    ]) {
      const denied = await send(narrow, 'POST', '/tokens', { name: 'wider', ...wider });
      expect(denied.code, JSON.stringify(wider)).toMatch(/access\.denied|space\.notFound/);
    }
    const child = await send(narrow, 'POST', '/tokens', {
      name: 'child',
      role: 'reader',
      charts: ['db', 'web-a'],
    });
    expect(child.json).toMatchObject({
      role: 'reader',
      spaces: [space],
      charts: ['db', 'web-a'],
      madeWith: made.json.id,
    });
    expect(child.json.expiresAt).toBe(made.json.expiresAt);
    const plain = await send(narrow, 'POST', '/tokens', { name: 'plain' });
    expect(plain.json).toMatchObject(bounds);
    const grandchild = await send(withToken(child.json.token), 'POST', '/tokens', { name: 'grandchild' });
    expect(grandchild.json).toMatchObject({ role: 'reader', charts: ['db', 'web-a'] });

    expect(
      (await send(narrow, 'GET', '/tokens')).json.items.map(({ name }: { name: string }) => name),
    ).toEqual(['plain', 'child', 'narrow']);
    expect((await send(narrow, 'GET', `/tokens/${owner.tokenId}`)).status).toBe(404);
    expect((await send(narrow, 'POST', `/tokens/${owner.tokenId}/rotate`, {})).status).toBe(404);
    const all = await send(owner.client, 'GET', '/tokens?limit=100');
    const wide = all.json.items.find(({ name }: { name: string }) => name === 'test');
    expect((await send(narrow, 'DELETE', `/tokens/${wide.id}`)).code).toBe('token.notFound');
    expect((await send(narrow, 'POST', `/tokens/${wide.id}/rotate`, {})).code).toBe('token.notFound');

    expect((await send(owner.client, 'DELETE', `/tokens/${made.json.id}`)).status).toBe(204);
    for (const { token } of [made.json, child.json, plain.json, grandchild.json])
      expect((await send(withToken(token), 'GET', '/tokens')).status).toBeOneOf(refused);
  });

  it('made with a token for a service account end with it too, and no other token gets them a new secret', async () => {
    const { space, owner } = await newSpace();
    const person = await withPassword(owner.name);
    const path = `/spaces/${space}/accounts/ci/tokens`;
    await send(person, 'POST', `/spaces/${space}/accounts`, { name: 'ci', role: 'owner' });
    const lasting = await send(person, 'POST', path, { name: 'lasting' });
    expect([lasting.json.madeWith, daysUntil(lasting.json.expiresAt)]).toEqual([null, 90]);
    const bounds = { role: 'owner', spaces: [space], expiresInDays: 3 };
    const stolen = await send(person, 'POST', '/tokens', { name: 'stolen', ...bounds });
    const thief = withToken(stolen.json.token);
    expect((await send(thief, 'POST', path, { name: 'long', expiresInDays: 4 })).code).toBe('access.denied');
    const child = await send(thief, 'POST', path, { name: 'child' });
    expect(child.json).toMatchObject({ madeWith: stolen.json.id, expiresAt: stolen.json.expiresAt });
    const grandchild = await send(withToken(child.json.token), 'POST', path, { name: 'grandchild' });
    expect(grandchild.json.madeWith).toBe(child.json.id);
    for (const by of [thief, withToken(child.json.token)])
      expect((await send(by, 'POST', `/tokens/${lasting.json.id}/rotate`, {})).code).toBe('access.denied');
    const rotated = await send(thief, 'POST', `/tokens/${child.json.id}/rotate`, {});
    expect(rotated.json.expiresAt).toBe(stolen.json.expiresAt);

    expect((await send(person, 'DELETE', `/tokens/${stolen.json.id}`)).status).toBe(204);
    for (const { token } of [child.json, rotated.json, grandchild.json])
      expect((await send(withToken(token), 'GET', '/whoami')).status).toBeOneOf(refused);
    expect((await send(withToken(lasting.json.token), 'GET', '/whoami')).status).toBe(200);
  });

  /** Makes a token of an owner, and what comes of it: its own, and a chain of a service account. */
  async function makeFamily() {
    const { space, owner } = await newSpace();
    const person = await withPassword(owner.name);
    const path = `/spaces/${space}/accounts/ci/tokens`;
    await send(person, 'POST', `/spaces/${space}/accounts`, { name: 'ci', role: 'owner' });
    const make = async (client: TestClient, name: string, at = path) => {
      const { status, json } = await send(client, 'POST', at, { name });
      expect(status).toBe(201);
      return { id: json.id, client: withToken(json.token) };
    };
    const lasting = await make(person, 'lasting');
    const maker = await make(person, 'maker', '/tokens');
    const own = await make(maker.client, 'own', '/tokens');
    const child = await make(own.client, 'child');
    const grandchild = await make(child.client, 'grandchild');
    const endOf = async ({ id }: { id: string }) =>
      (await send(admin, 'GET', `/tokens/${id}`)).json.expiresAt;
    const works = async ({ client }: { client: TestClient }) => {
      const { status } = await client.api('/whoami');
      expect(status).toBeOneOf([200, ...refused]);
      return status === 200;
    };
    return { space, owner, person, path, make, lasting, maker, own, child, grandchild, endOf, works };
  }

  /** Reads events of the audit about tokens, as their actions, tokens and numbers of others. */
  async function tokenEvents(action: string, ids: readonly string[]) {
    const events = await registry.db.query<{ id: string; space: string | null; others: number | null }>(
      `SELECT details->>'token' AS id, space, (details->'others')::int AS others FROM audit_events
        WHERE action = $1 AND details->>'token' = ANY($2) ORDER BY number`,
      [action, ids],
    );
    return events.map(({ id, space, others }) => [id, space, others]);
  }

  it('rotated to an earlier end take along what they have made, also meanwhile, and revoke nothing', async () => {
    const { maker, own, child, grandchild, lasting, person, endOf, works } = await makeFamily();
    const made = [own, child, grandchild];
    const rotate = async (options: object) => {
      const { status, json } = await send(person, 'POST', `/tokens/${maker.id}/rotate`, options);
      expect(status).toBe(200);
      return json;
    };
    const rotated = await rotate({ overlapHours: 0, expiresInDays: 1 });
    expect(await Promise.all(made.map(endOf))).toEqual(made.map(() => rotated.expiresAt));
    expect(daysUntil(await endOf(lasting))).toBe(90);
    expect(await Promise.all([maker, ...made].map(works))).toEqual([false, true, true, true]);
    await rotate({ overlapHours: 0, expiresInDays: 50 });
    expect(await Promise.all(made.map(endOf))).toEqual(made.map(() => rotated.expiresAt));
    expect(await tokenEvents('token.rotate', [maker.id])).toEqual([
      [maker.id, null, 3],
      [maker.id, null, null],
    ]);

    const again = withToken((await rotate({ overlapHours: 0, expiresInDays: 50 })).token);
    await Promise.all([
      rotate({ expiresInDays: 2 }),
      ...[1, 2, 3, 4].map((index) => send(again, 'POST', '/tokens', { name: `meanwhile ${index}` })),
    ]);
    const later = await registry.db.query(
      'SELECT FROM tokens t JOIN tokens m ON m.id = t.made_with WHERE m.id = $1 AND t.expires_at > m.expires_at',
      [maker.id],
    );
    expect(later).toEqual([]);
  });

  it('rotated by a person end with the token that made them at the latest, also where that is rotated meanwhile', async () => {
    const { maker, own, child, person, endOf } = await makeFamily();
    const rotate = async ({ id }: { id: string }, options: object) => {
      const { status, code, json } = await send(person, 'POST', `/tokens/${id}/rotate`, options);
      return { status, code, json };
    };
    const now = { overlapHours: 0 };
    const bound = (await rotate(maker, { ...now, expiresInDays: 5 })).json.expiresAt;
    for (const made of [own, child]) {
      expect((await rotate(made, now)).json.expiresAt).toBe(bound);
      const wide = await rotate(made, { ...now, expiresInDays: 6 });
      expect([wide.status, wide.code, wide.json.message]).toEqual([
        ...[403, 'access.denied', expect.stringContaining(bound)],
      ]);
    }
    // It keeps an end of its own, and the longer life of its maker does not move that.
    const { expiresAt } = (await rotate(own, { ...now, expiresInDays: 3 })).json;
    await rotate(maker, { ...now, expiresInDays: 60 });
    expect(await Promise.all([own, child].map(endOf))).toEqual([expiresAt, expiresAt]);
    expect(daysUntil((await rotate(own, { ...now, expiresInDays: 50 })).json.expiresAt)).toBe(50);

    const [shortened, ...others] = await Promise.all([
      rotate(maker, { ...now, expiresInDays: 2 }),
      ...[own, own, own].map((made) => rotate(made, now)),
    ]);
    expect([shortened, ...others].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    for (const made of [own, child])
      expect(Date.parse(await endOf(made))).toBeLessThanOrEqual(Date.parse(shortened.json.expiresAt));
    // A row of an earlier release may outlive its maker; it gets no new secret then.
    await registry.db.query("UPDATE tokens SET expires_at = now() - interval '1 second' WHERE id = $1", [
      maker.id,
    ]);
    expect((await rotate(own, now)).code).toBe('token.final');
  });

  it('of a deleted user take along what they have made, with an event for each of others; those of a disabled one do not', async () => {
    const { space, owner, path, maker, own, child, grandchild, lasting, works } = await makeFamily();
    const working = () => Promise.all([maker, own, child, grandchild, lasting].map(works));
    expect((await send(admin, 'PATCH', `/users/${owner.name}`, { disabled: true })).status).toBe(200);
    expect(await working()).toEqual([false, false, true, true, true]);
    expect((await send(admin, 'DELETE', `/users/${owner.name}`)).status).toBe(204);
    expect(await working()).toEqual([false, false, false, false, true]);
    expect(
      await tokenEvents('token.revoke', [maker.id, own.id, child.id, grandchild.id, lasting.id]),
    ).toEqual([
      [child.id, space, null],
      [grandchild.id, space, null],
    ]);
    // They stay in the list of their owner, who finds out there why they end.
    const { json } = await send(admin, 'GET', path);
    const shown = json.items.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`);
    expect(shown.sort()).toEqual(['child revoked', 'grandchild revoked', 'lasting live']);
  });

  it('of a deleted service account take along what they have made for another one', async () => {
    const { space, person, make, lasting, works } = await makeFamily();
    const accounts = `/spaces/${space}/accounts`;
    await send(person, 'POST', accounts, { name: 'other', role: 'reader' });
    const made = await make(lasting.client, 'made', `${accounts}/other/tokens`);
    expect(await works(made)).toBe(true);
    expect((await send(person, 'DELETE', `${accounts}/ci`)).status).toBe(204);
    expect(await works(made)).toBe(false);
    expect(await tokenEvents('token.revoke', [made.id])).toEqual([[made.id, space, null]]);
  });

  it('for some charts read and push those, and have no list of a space that is not public', async () => {
    const { space, owner } = await newSpace();
    for (const name of ['web', 'db']) expect((await owner.client.upload(space, { name })).status).toBe(201);
    const made = await send(owner.client, 'POST', '/tokens', { name: 'web', charts: ['web*'] });
    const narrow = withToken(made.json.token);
    const statusOf = async (path: string) => (await narrow.request(path)).status;
    const own = [
      `/api/v1/spaces/${space}/charts/web/versions`,
      `/${space}/charts/web-1.0.0.tgz`,
      `/v2/${space}/web/tags/list`,
      `/v2/${space}/web/manifests/1.0.0`,
    ];
    expect(await Promise.all(own.map(statusOf))).toEqual(own.map(() => 200));
    expect((await narrow.upload(space, { name: 'web-2' })).status).toBe(201);
    const lists = [
      `/${space}/index.yaml`,
      `/api/v1/spaces/${space}/charts`,
      `/api/v1/search?q=web&space=${space}`,
    ];
    for (const path of [...lists, ...own.map((place) => place.replace('web', 'db'))])
      expect(await statusOf(path), path).toBeOneOf([401, 403, 404]);
    for (const path of ['/api/v1/spaces', '/api/v1/search?q=web', '/v2/_catalog'])
      expect(await (await narrow.request(path)).text(), path).not.toContain(space);
    const listed = await send(narrow, 'GET', `/spaces/${space}/charts`);
    expect([listed.status, listed.json.message]).toEqual([403, expect.stringContaining('by its name')]);
    // Its numbers are those of the charts that it is for.
    const shown = await send(narrow, 'GET', `/spaces/${space}`);
    expect(shown.json).toMatchObject({ charts: 2, versions: 2 });
    expect(shown.json).not.toHaveProperty('quota');
    expect((await send(owner.client, 'GET', `/spaces/${space}`)).json).toMatchObject({
      charts: 3,
      versions: 3,
    });
    // The files of a foreign chart look like those of a chart that is not there.
    const textOf = async (file: string) => {
      const answer = await narrow.request(`/${space}/charts/${file}`);
      return `${answer.status} ${(await answer.text()).replace(/"requestId":"[^"]*"/, '').replaceAll(/(db|absent)-1/g, 'x-1')}`;
    };
    const absent = await textOf('absent-1.0.0.tgz');
    expect(absent).toContain('version.notFound');
    for (const file of ['db-1.0.0.tgz', 'db-1.0.0.tgz.prov', 'absent-1.0.0.tgz.prov'])
      expect(await textOf(file), file).toBe(absent);
    expect(await textOf('web-1.0.0.tgz.prov')).toContain('provenance.notFound');
  });

  it('of a service account name no space that another owner of its space may not read', async () => {
    const { space, owner } = await newSpace();
    const person = await withPassword(owner.name);
    const hidden = `${space}-hidden`;
    await send(person, 'POST', `/spaces?space=${hidden}`);
    await send(person, 'POST', `/spaces/${space}/accounts`, { name: 'ci', role: 'reader' });
    const path = `/spaces/${space}/accounts/ci/tokens`;
    const made = await send(person, 'POST', path, { name: 'ci', spaces: [space, hidden] });
    expect(made.json.spaces).toEqual([space, hidden]);
    const other = await newUser();
    await send(person, 'PUT', `/spaces/${space}/members/user:${other.name}`, { role: 'owner' });
    const by = await withPassword(other.name);
    const listed = await send(by, 'GET', path);
    expect(listed.json.items[0].spaces).toEqual([space]);
    expect((await send(by, 'GET', `/tokens/${made.json.id}`)).json.spaces).toEqual([space]);
    expect((await send(by, 'POST', `/tokens/${made.json.id}/rotate`, {})).json.spaces).toEqual([space]);
    for (const reader of [person, admin])
      expect((await send(reader, 'GET', path)).json.items[0].spaces).toEqual([space, hidden]);
  });

  it('that are revoked while they make others leave none', async () => {
    const owner = await newUser();
    for (let round = 0; round < 3; round += 1) {
      const made = await send(owner.client, 'POST', '/tokens', { name: `maker${round}` });
      const maker = withToken(made.json.token);
      const [, ...children] = await Promise.all([
        send(owner.client, 'DELETE', `/tokens/${made.json.id}`),
        ...Array.from({ length: 6 }, (_, index) =>
          send(maker, 'POST', '/tokens', { name: `c${round}-${index}` }),
        ),
      ]);
      for (const { status, json } of children) {
        if (status !== 201) expect(status).toBeOneOf([...refused, 404]);
        else expect((await send(withToken(json.token), 'GET', '/tokens')).status).toBeOneOf(refused);
      }
    }
  });

  it('tokens are rotated with two live secrets, or at once', async () => {
    const { space, owner } = await newSpace();
    const person = await withPassword(owner.name);
    await send(person, 'POST', `/spaces/${space}/accounts`, { name: 'ci', role: 'reader' });
    const made = await send(person, 'POST', `/spaces/${space}/accounts/ci/tokens`, {
      name: 'ci',
      expiresInDays: 5,
    });
    const works = async (text: string) =>
      (await send(withToken(text), 'GET', `/spaces/${space}`)).status === 200;
    const rotate = (body: object) => send(person, 'POST', `/tokens/${made.json.id}/rotate`, body);
    const second = await rotate({});
    expect(second.headers.get('cache-control')).toBe('no-store');
    expect(daysUntil(second.json.expiresAt)).toBe(90);
    expect(daysUntil(second.json.previousUntil)).toBe(1);
    expect([await works(made.json.token), await works(second.json.token)]).toEqual([true, true]);
    const early = await rotate({});
    expect([early.status, early.code]).toEqual([409, 'token.rotated']);
    const third = await rotate({ overlapHours: 0, expiresInDays: 7 });
    expect(daysUntil(third.json.expiresAt)).toBe(7);
    expect(third.json.previousUntil).toBe(null);
    expect(await Promise.all([made, second, third].map(({ json }) => works(json.token)))).toEqual([
      false,
      false,
      true,
    ]);
    for (const overlapHours of [-1, 721])
      expect((await rotate({ overlapHours })).code).toBe('request.invalid');

    const self = withToken(third.json.token);
    expect((await send(self, 'POST', `/tokens/${made.json.id}/rotate`, { expiresInDays: 50 })).status).toBe(
      403,
    );
    const fourth = await send(self, 'POST', `/tokens/${made.json.id}/rotate`, {});
    expect(fourth.json.expiresAt).toBe(third.json.expiresAt);
    await send(owner.client, 'DELETE', `/tokens/${made.json.id}`);
    expect((await rotate({})).code).toBe('token.final');
    expect([await works(third.json.token), await works(fourth.json.token)]).toEqual([false, false]);
  });

  it('tokens of others are revoked by admins, and rotated by nobody', async () => {
    const { client } = await newUser();
    const { json } = await send(client, 'POST', '/tokens', { name: 'mine' });
    const stranger = await newUser();
    for (const [method, path] of [
      ['GET', `/tokens/${json.id}`],
      ['DELETE', `/tokens/${json.id}`],
    ] as const)
      expect((await send(stranger.client, method, path)).code).toBe('token.notFound');
    const absent = await send(stranger.client, 'GET', '/tokens/0123456789abcdef');
    expect((await send(stranger.client, 'GET', `/tokens/${json.id}`)).json).toEqual(absent.json);
    expect((await send(admin, 'POST', `/tokens/${json.id}/rotate`, {})).code).toBe('access.denied');
    expect((await send(admin, 'DELETE', `/tokens/${json.id}`)).status).toBe(204);
    expect((await send(withToken(json.token), 'GET', '/tokens')).status).toBeOneOf(refused);
    expect((await send(admin, 'DELETE', `/tokens/${json.id}`)).status).toBe(204);
  });

  it('that expire soon are listed, the next first', async () => {
    const { name, client } = await newUser();
    for (const days of [20, 3, 6])
      await send(client, 'POST', '/tokens', { name: `d${days}`, expiresInDays: days });
    const namesOf = async (by: TestClient, path: string) =>
      (await send(by, 'GET', path)).json.items
        .filter(({ owner }: { owner: string }) => owner === `user:${name}`)
        .map((item: { name: string }) => item.name);
    expect(await namesOf(client, '/tokens?expiresWithin=7')).toEqual(['d3', 'd6']);
    expect(await namesOf(admin, '/tokens?of=all&expiresWithin=7&limit=100')).toEqual(['d3', 'd6']);
    expect((await send(client, 'GET', '/tokens?of=all')).code).toBe('access.denied');
    expect((await send(client, 'GET', '/tokens?expiresWithin=x')).status).toBe(400);
  });
});

describe('service accounts', () => {
  it('service accounts of a space are managed by its owners alone', async () => {
    const { space, owner } = await newSpace();
    const path = `/spaces/${space}/accounts`;
    const made = await send(owner.client, 'POST', path, { name: 'ci', role: 'publisher' });
    expect([made.status, made.json]).toEqual([
      201,
      {
        name: 'ci',
        principal: `account:${space}/ci`,
        role: 'publisher',
        disabled: false,
        createdAt: expect.any(String),
      },
    ]);
    expect((await send(owner.client, 'POST', path, { name: 'ci' })).code).toBe('principal.exists');
    for (const name of ['', 'CI', 'a.b', 'a$b', '-a', 'a-'])
      expect((await send(owner.client, 'POST', path, { name })).code).toBe('name.invalid');
    expect((await send(owner.client, 'POST', path, { name: 'x', role: 'admin' })).code).toBe(
      'request.invalid',
    );
    const token = withToken(
      (await send(owner.client, 'POST', `${path}/ci/tokens`, { name: 't' })).json.token,
    );
    expect((await send(token, 'GET', '/whoami')).json).toMatchObject({
      kind: 'account',
      name: `${space}/ci`,
    });
    expect((await token.upload(space, { name: 'web' })).status).toBe(201);
    expect((await send(token, 'POST', path, { name: 'other' })).code).toBe('access.denied');
    expect((await send(owner.client, 'PATCH', `${path}/ci`, { role: 'reader' })).json.role).toBe('reader');
    expect((await token.upload(space, { name: 'db' })).status).toBe(403);
    expect((await send(owner.client, 'PATCH', `${path}/ci`, { disabled: true })).json).toMatchObject({
      disabled: true,
      role: 'reader',
    });
    expect((await send(token, 'GET', '/whoami')).status).toBeOneOf(refused);
    expect((await send(owner.client, 'GET', `/spaces/${space}/members`)).json.items[0].principal).toBe(
      `account:${space}/ci`,
    );
    expect((await send(owner.client, 'GET', path)).json.metadata.total).toBe(1);
    expect((await send(owner.client, 'DELETE', `${path}/ci`)).status).toBe(204);
    expect((await send(owner.client, 'GET', `${path}/ci`)).code).toBe('principal.notFound');
    const stranger = await newUser('creator');
    for (const [method, target, body] of [
      ['GET', path, undefined],
      ['POST', path, { name: 'x' }],
      ['GET', `${path}/ci/tokens`, undefined],
      ['POST', `${path}/ci/tokens`, { name: 'x' }],
      ['POST', `${path}/ci/trust-rules`, {}],
    ] as const) {
      expect((await send(stranger.client, method, target, body)).code, target).toBe('access.denied');
      expect((await send(registry.anonymous, method, target, body)).status).toBe(401);
    }
  });

  it('service accounts of one space are members of no other', async () => {
    const { space, owner } = await newSpace();
    const elsewhere = await newSpace();
    await send(owner.client, 'POST', `/spaces/${space}/accounts`, { name: 'bot' });
    const denied = await send(
      elsewhere.owner.client,
      'PUT',
      `/spaces/${elsewhere.space}/members/account:${space}%2Fbot`,
      { role: 'reader' },
    );
    expect(denied.code).toBe('principal.notFound');
    const member = `/spaces/${space}/members/account:${space}%2Fbot`;
    expect((await send(owner.client, 'PUT', member, { role: 'maintainer' })).status).toBe(200);
    expect((await send(owner.client, 'GET', `/spaces/${space}/accounts/bot`)).json.role).toBe('maintainer');
  });

  it('service accounts of the registry are managed by admins, and are members of spaces by name', async () => {
    const { space, owner } = await newSpace();
    const made = await send(admin, 'POST', '/accounts', { name: 'mirror' });
    expect(made.json).toMatchObject({ principal: 'account:mirror', role: null });
    const { json } = await send(admin, 'POST', '/accounts/mirror/tokens', { name: 't' });
    const client = withToken(json.token);
    await send(owner.client, 'PUT', `/spaces/${space}/members/account:mirror`, { role: 'reader' });
    expect((await send(client, 'GET', `/spaces/${space}`)).status).toBe(200);
    expect((await send(admin, 'PATCH', '/accounts/mirror', { role: 'auditor' })).json.role).toBe('auditor');
    expect((await send(admin, 'PATCH', '/accounts/mirror', { role: 'owner' })).code).toBe('request.invalid');
    expect((await send(owner.client, 'GET', '/accounts')).code).toBe('access.denied');
    expect((await send(owner.client, 'POST', '/accounts/mirror/tokens', { name: 'u' })).code).toBe(
      'access.denied',
    );
    expect((await send(admin, 'DELETE', '/accounts/mirror')).status).toBe(204);
    expect((await send(client, 'GET', `/spaces/${space}`)).status).toBeOneOf(refused);
  });

  it('go with their space, and nothing of them is in one of the same name', async () => {
    const { space, owner } = await newSpace();
    const path = `/spaces/${space}/accounts`;
    await send(owner.client, 'POST', path, { name: 'ci', role: 'owner' });
    const { json } = await send(owner.client, 'POST', `${path}/ci/tokens`, { name: 't' });
    const own = await send(owner.client, 'POST', '/tokens', { name: 'for-it', spaces: [space] });
    expect((await send(owner.client, 'DELETE', `/spaces/${space}`)).status).toBe(204);
    const other = await newUser('creator');
    await send(other.client, 'POST', `/spaces?space=${space}`);
    expect((await send(withToken(json.token), 'GET', `/spaces/${space}`)).status).toBeOneOf(refused);
    expect((await send(withToken(own.json.token), 'GET', `/spaces/${space}`)).status).toBe(404);
    expect((await send(owner.client, 'GET', path)).code).toBe('access.denied');
    expect((await send(other.client, 'GET', path)).json.items).toEqual([]);
  });
});

describe('trust rules', () => {
  const rule = {
    issuer: 'https://token.actions.githubusercontent.com',
    audience: 'charts.example.com',
    claims: { repository_id: '1234', ref: 'refs/heads/main' },
  };

  it('trust rules of an account are created, listed and deleted', async () => {
    const { space, owner } = await newSpace();
    const path = `/spaces/${space}/accounts/ci/trust-rules`;
    expect((await send(owner.client, 'POST', path, rule)).code).toBe('principal.notFound');
    await send(owner.client, 'POST', `/spaces/${space}/accounts`, { name: 'ci' });
    const made = await send(owner.client, 'POST', path, rule);
    expect(made.json).toEqual({ id: expect.any(String), createdAt: expect.any(String), ...rule });
    const reordered = { ...rule, claims: { ref: 'refs/heads/main', repository_id: '1234' } };
    expect((await send(owner.client, 'POST', path, reordered)).code).toBe('trustRule.exists');
    expect((await send(owner.client, 'GET', path)).json.items).toEqual([made.json]);
    for (const id of ['x', '00000000-0000-0000-0000-000000000000'])
      expect((await send(owner.client, 'DELETE', `${path}/${id}`)).code).toBe('trustRule.notFound');
    expect((await send(owner.client, 'DELETE', `${path}/${made.json.id}`)).status).toBe(204);
    expect((await send(owner.client, 'GET', path)).json.items).toEqual([]);
  });

  it.each([
    [{ ...rule, issuer: 'http://login.example.com' }, '/issuer'],
    [{ ...rule, issuer: 'https://user:secret@login.example.com' }, '/issuer'],
    [{ ...rule, issuer: 'file:///etc/passwd' }, '/issuer'],
    [{ ...rule, audience: '' }, '/audience'],
    [{ ...rule, claims: {} }, '/claims'],
    [{ ...rule, claims: { aud: 'x' } }, '/claims'],
    [{ ...rule, claims: { ref: '' } }, '/claims'],
    [{ ...rule, claims: { ref: 7 } }, '/claims/ref'],
    [
      { ...rule, claims: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`c${n}`, 'x'])) },
      '/claims',
    ],
  ])('trust rules like %j are refused', async (body, pointer) => {
    await send(admin, 'POST', '/accounts', { name: 'rules' });
    const denied = await send(admin, 'POST', '/accounts/rules/trust-rules', body);
    expect([denied.code, denied.json.details]).toEqual(['request.invalid', { pointer }]);
  });
});

describe('the record of changes', () => {
  it('the audit has each change with its actor, and no secret', async () => {
    const { space, owner } = await newSpace();
    await send(owner.client, 'POST', `/spaces/${space}/accounts`, { name: 'ci', role: 'reader' });
    const { json } = await send(owner.client, 'POST', `/spaces/${space}/accounts/ci/tokens`, { name: 't' });
    await send(owner.client, 'DELETE', `/tokens/${json.id}`);
    await send(owner.client, 'PATCH', `/spaces/${space}`, { visibility: 'public' });
    await send(owner.client, 'PUT', `/spaces/${space}/members/user:root`, { role: 'reader' });
    const events = await registry.db.query<{ action: string; details: object }>(
      `SELECT action, details FROM audit_events WHERE principal = $1 AND outcome = 'done' ORDER BY number`,
      [owner.name],
    );
    expect(events.map(({ action }) => action)).toEqual([
      'space.create',
      'account.create',
      'token.create',
      'token.revoke',
      'space.configure',
      'member.set',
    ]);
    expect(JSON.stringify(events)).not.toContain(json.token.slice(-43));
  });
});

describe('where access is open', () => {
  it('nobody is administered by HTTP, and spaces are shown as before', async () => {
    const open = await startRegistry({}, { worker: false });
    try {
      expect((await send(open, 'GET', '/whoami')).json).toEqual({ kind: 'open' });
      await send(open, 'POST', '/spaces?space=lib');
      for (const [method, path, body] of [
        ['POST', '/users', { name: 'eve', role: 'admin' }],
        ['GET', '/users', undefined],
        ['POST', '/groups', { name: 'eves' }],
        ['POST', '/tokens', { name: 'x' }],
        ['GET', '/tokens', undefined],
        ['POST', '/accounts', { name: 'x' }],
        ['POST', '/spaces/lib/accounts', { name: 'x' }],
        ['PUT', '/spaces/lib/members/user:eve', { role: 'owner' }],
        ['PATCH', '/spaces/lib', { visibility: 'public' }],
        ['POST', '/spaces?space=pub&visibility=public', undefined],
        ['PUT', '/whoami/password', { old: 'x', new: 'y' }],
      ] as const) {
        const denied = await send(open, method, path, body);
        expect([path, denied.status, denied.code]).toEqual([path, 409, 'access.open']);
      }
      expect((await send(open, 'GET', '/spaces/lib')).json).toEqual({
        name: 'lib',
        overwriting: 'mutable',
        charts: 0,
        versions: 0,
        quota: { bytes: { used: 0, limit: null }, versions: { used: 0, limit: null } },
      });
    } finally {
      await open.close();
    }
  });
});
