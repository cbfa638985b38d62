import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from '../../client/src/index.ts';
import { startChartHost } from '../support/chart-host.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { startReceiver } from '../support/receiver.ts';

/** Bounds of a token that makes others, none of which may outlive it. */
const month = { seconds: 30 * 86_400 };
let registry: GuardedRegistry;
let token: string;
let client: Client;
beforeAll(async () => {
  registry = await startGuarded();
  token = (await registry.addToken(await registry.addUser('ana', 'admin'), month)).text;
  client = createClient({ url: registry.url, token });
});
afterAll(() => registry.close());

describe('a client with a token', () => {
  it('a client tells who it is: by a token, by one that is looked up, by a password, and without any', async () => {
    expect(await client.whoami()).toMatchObject({ kind: 'user', name: 'ana', credential: 'token' });
    const { url } = registry;
    expect(await createClient({ url, token: async () => token }).whoami()).toMatchObject({ name: 'ana' });
    await client.users.create({ name: 'uwe', password: 'lang genug für üben' });
    const basic = createClient({ url, basic: { user: 'uwe', password: 'lang genug für üben' } });
    expect(await basic.whoami()).toMatchObject({ name: 'uwe', credential: 'password' });
    await basic.changePassword({ old: 'lang genug für üben', new: 'noch ein langes Wort' });
    await expect(basic.whoami({ retries: 0 })).rejects.toMatchObject({
      status: 401,
      code: 'access.unauthenticated',
    });
    expect(await createClient({ url }).whoami()).toEqual({ kind: 'anonymous' });
  });

  it('a client creates, lists, rotates and revokes tokens', async () => {
    const made = await client.tokens.create({ name: 'ci', expiresInDays: 7, role: 'reader' });
    expect(made.token).toMatch(/./);
    expect(await client.tokens.get(made.id)).toMatchObject({ name: 'ci', role: 'reader', state: 'live' });
    const soon = await client.tokens.list({ expiresWithin: 10 }).page();
    expect(soon.items.map(({ id }) => id)).toContain(made.id);
    const rotated = await client.tokens.rotate(made.id, { overlapHours: 0 });
    expect(rotated.token).not.toBe(made.token);
    await client.tokens.revoke(made.id);
    expect((await client.tokens.get(made.id)).state).toBe('revoked');
    expect((await client.tokens.list({ of: 'all' }).page()).total).toBeGreaterThan(1);
  });

  it('a client manages users and groups', async () => {
    await client.users.create({ name: 'ben' });
    expect(await client.users.change('ben', { role: 'auditor', disabled: true })).toMatchObject({
      role: 'auditor',
      disabled: true,
    });
    expect((await client.users.list().page({ limit: 100 })).items.map(({ name }) => name)).toContain('ben');
    await client.groups.create('platform', 'creator');
    expect(await client.groups.addMember('platform', 'ben')).toEqual({ user: 'ben', fromClaim: false });
    expect((await client.groups.members('platform').page()).total).toBe(1);
    expect(await client.groups.setRole('platform', null)).toMatchObject({ role: null, members: 1 });
    await client.groups.removeMember('platform', 'ben');
    expect(await client.groups.get('platform')).toMatchObject({ members: 0 });
    expect((await client.groups.list().page()).total).toBe(1);
    await client.groups.delete('platform');
    await client.users.delete('ben');
    await expect(client.users.get('ben')).rejects.toMatchObject({ code: 'principal.notFound' });
  });

  it('a client manages the members of a space, accounts of it too', async () => {
    await client.spaces.create('team', { visibility: 'private' });
    const { members, accounts } = client.space('team');
    await client.users.create({ name: 'mia' });
    expect(await members.set('user:mia', 'publisher')).toMatchObject({
      principal: 'user:mia',
      role: 'publisher',
    });
    const bot = await accounts.create('bot', 'reader');
    expect(bot).toMatchObject({ name: 'bot', principal: 'account:team/bot', role: 'reader' });
    expect(await members.set('account:team/bot', 'publisher')).toMatchObject({ role: 'publisher' });
    const listed = (await members.list().page()).items.map(({ principal }) => principal);
    expect(listed).toEqual(expect.arrayContaining(['user:mia', 'account:team/bot']));
    await members.remove('user:mia');
    expect((await members.list().page()).items.map(({ principal }) => principal)).not.toContain('user:mia');
  });

  it('a client manages service accounts of a space and of the registry, their tokens and trust rules', async () => {
    await client.spaces.create('place');
    for (const accounts of [client.space('place').accounts, client.accounts]) {
      await accounts.create('deployer');
      expect((await accounts.list().page()).items).toMatchObject([{ name: 'deployer', disabled: false }]);
      expect(await accounts.change('deployer', { disabled: true })).toMatchObject({ disabled: true });
      expect(await accounts.change('deployer', { disabled: false })).toMatchObject({ disabled: false });
      const made = await accounts.createToken('deployer', { name: 'ci' });
      const own = createClient({ url: registry.url, token: made.token });
      expect(await own.whoami()).toMatchObject({ kind: 'account', credential: 'token' });
      expect((await accounts.tokens('deployer').page()).items).toMatchObject([{ id: made.id }]);
      const wanted = { issuer: 'https://ci.example.com', audience: 'charts', claims: { repository_id: '7' } };
      const rule = await accounts.createTrustRule('deployer', wanted);
      expect((await accounts.trustRules('deployer').page()).items).toEqual([rule]);
      await accounts.deleteTrustRule('deployer', rule.id);
      expect((await accounts.trustRules('deployer').page()).total).toBe(0);
      expect(await accounts.get('deployer')).toMatchObject({ name: 'deployer' });
      await accounts.delete('deployer');
      await expect(accounts.get('deployer')).rejects.toMatchObject({ code: 'principal.notFound' });
    }
  });

  it('a client manages the webhooks of a space, and makes their calls again', async () => {
    await client.spaces.create('hooks');
    const { webhooks } = client.space('hooks');
    const receiver = await startReceiver();
    const made = await webhooks.create({ url: receiver.url, events: ['version.*'] });
    expect(made.secret).toMatch(/^whsec_/);
    await webhooks.test(made.id);
    await receiver.called(1);
    const ended = async () => (await webhooks.deliveries(made.id, { state: 'succeeded' }).page()).items;
    await expect.poll(async () => (await ended()).length, { timeout: 20_000 }).toBe(1);
    const [delivery] = await ended();
    const id = delivery?.id ?? '';
    expect(await webhooks.delivery(made.id, id)).toMatchObject({ payload: { type: 'webhook.test' } });
    await webhooks.replay(made.id, id);
    await receiver.called(2);
    expect(await webhooks.change(made.id, { state: 'paused' })).toMatchObject({ state: 'paused' });
    expect(await webhooks.get(made.id)).toMatchObject({ paused: { reason: 'request' } });
    expect((await webhooks.list().page()).total).toBe(1);
    await webhooks.delete(made.id);
    await expect(webhooks.get(made.id)).rejects.toMatchObject({ code: 'webhook.notFound' });
  });

  it('a client reads the audit by pages, as a whole and as one export', async () => {
    await client.spaces.create('audited');
    await client.space('audited').change({ visibility: 'internal' });
    const filter = { space: 'audited' };
    const list = client.audit.list(filter);
    const first = await list.page({ limit: 1 });
    expect(first.items).toMatchObject([
      { action: 'space.configure', outcome: 'done', principal: { name: 'ana' } },
    ]);
    const second = await list.page({ limit: 1, ...(first.next === undefined ? {} : { cursor: first.next }) });
    expect(second.items).toMatchObject([{ action: 'space.create' }]);
    const actions: string[] = [];
    for await (const { action } of list) actions.push(action);
    expect(actions.slice(0, 2)).toEqual(['space.configure', 'space.create']);
    const lines = (await (await client.audit.export(filter)).text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).action)).toEqual(actions);
  });

  it('a client that lacks a right is told so, and its token stands in no error', async () => {
    const weak = await client.tokens.create({ name: 'weak', role: 'reader', spaces: ['team'] });
    const reader = createClient({ url: registry.url, token: weak.token });
    const refused = await reader
      .space('team')
      .change({ visibility: 'public' })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 403, code: 'access.denied' });
    expect(JSON.stringify(refused) + String(refused)).not.toContain(weak.token);
    const broken = await createClient({ url: registry.url, token: `${weak.token}\n` })
      .whoami()
      .catch((error: unknown) => error);
    expect(broken).toBeInstanceOf(TypeError);
    expect(inspect(broken)).not.toContain(weak.token);
  });

  it('a client sets, runs and ends a mirror', async () => {
    const host = await startChartHost();
    await host.add({ name: 'alpha' });
    await client.spaces.create('mirrored');
    const { mirror } = client.space('mirrored');
    expect(await mirror.set({ url: host.url, every: null })).toMatchObject({
      hasCredentials: false,
      charts: ['*'],
    });
    await expect.poll(async () => (await mirror.get()).run?.state, { timeout: 30_000 }).toBe('complete');
    expect((await mirror.versions({ outcome: 'stored' }).page()).items).toMatchObject([{ chart: 'alpha' }]);
    const number = (await mirror.get()).run?.number ?? 0;
    expect((await mirror.results(number, { outcome: 'stored' }).page()).items).toMatchObject([
      { chart: 'alpha', outcome: 'stored' },
    ]);
    expect(await client.space('mirrored').get()).toMatchObject({ mirror: true });
    expect((await client.spaces.list({ q: 'mirrored' }).page()).items).toMatchObject([{ mirror: true }]);
    await mirror.run();
    await expect.poll(async () => (await mirror.runs().page()).total, { timeout: 30_000 }).toBe(2);
    await mirror.end();
    expect(await client.space('mirrored').get()).not.toHaveProperty('mirror');
    await expect(mirror.get()).rejects.toMatchObject({ code: 'mirror.notFound' });
  });
});
