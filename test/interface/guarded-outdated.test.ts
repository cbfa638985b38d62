import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composedStateOf, composedStatesOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
let stranger: TestClient;
let member: TestClient;
let insider: TestClient;
beforeAll(async () => {
  registry = await startGuarded({}, { looksOften: true });
  await registry.addSpace('open', 'public');
  await registry.addSpace('secret', 'private');
  await registry.addSpace('team', 'internal');
  await registry.addSpace('vault', 'private');
  const clientOf = async (name: string, role?: 'reader') => {
    const id = await registry.addUser(name);
    if (role) for (const space of ['secret', 'vault']) await registry.setRole(id, space, role);
    return (await registry.addToken(id)).client;
  };
  stranger = registry.anonymous;
  member = await clientOf('member');
  insider = await clientOf('insider', 'reader');
  await publish('open', 'web', '1.0.0');
  await publish('secret', 'db', '1.0.0');
  await compose('open', 'plain', ['open', 'web', '^1']);
  await compose('open', 'mixed', ['open', 'web', '1.0.0'], ['secret', 'db', '^1']);
  await compose('vault', 'hidden', ['open', 'web', '^1']);
  await compose('team', 'inner', ['secret', 'db', '1.0.0']);
});
afterAll(() => registry.close());

async function publish(space: string, name: string, version: string): Promise<void> {
  expect((await registry.admin.upload(space, { name, version })).status).toBe(201);
}

async function compose(space: string, chart: string, ...sources: [string, string, string][]): Promise<void> {
  const [root, ...children] = sources.map(([space, chart, version]) => ({
    package: { independent: true, space, chart, version },
  }));
  const configs = Object.assign({}, root, ...children.map((child, index) => ({ [`child${index}`]: child })));
  const recipe = { save: { chart, version: '1.0.0' }, configs };
  const response = await registry.admin.orchestrate(space, recipe, { Prefer: 'wait=30' });
  expect(response.status, await response.clone().text()).toBe(201);
}

const one = (client: TestClient, space: string, chart: string) =>
  client.api(`/spaces/${space}/charts/${chart}/versions/1.0.0/outdated`);
const list = async (client: TestClient, path: string) => {
  const { items } = await composedStatesOf(await client.api(path));
  return items.map(({ space, chart, state }) => `${space}/${chart} ${state}`);
};
/** Waits until the lists show a state to the admin. */
const kept = (name: string) =>
  expect
    .poll(() => list(registry.admin, `/outdated?state=${name.split(' ')[1]}`), { timeout: 30_000 })
    .toContain(name);

/** Answers to a reader, whole, for comparison. */
async function everything(client: TestClient): Promise<string[]> {
  const paths = ['', '?state=outdated', '?state=newer', '?state=current'].flatMap((query) => [
    `/outdated${query}`,
    `/spaces/open/outdated${query}`,
  ]);
  const answers = [await one(client, 'open', 'mixed')];
  for (const path of paths) answers.push(await client.api(path));
  return Promise.all(
    answers.map(async (answer) => `${answer.status} ${answer.headers.get('link')} ${await answer.text()}`),
  );
}

describe('sources that a reader may not read', () => {
  it('sources that a reader may not read are masked, and tell nothing of what is published there', async () => {
    for (const name of ['open/mixed', 'open/plain', 'team/inner', 'vault/hidden'])
      await kept(`${name} current`);
    const before = [await everything(stranger), await everything(member)];
    await publish('secret', 'db', '1.1.0');
    await publish('secret', 'db', '2.0.0');
    await kept('open/mixed outdated');
    await kept('team/inner newer');
    expect([await everything(stranger), await everything(member)]).toEqual(before);

    const seen = await composedStateOf(await one(stranger, 'open', 'mixed'));
    expect(seen).toMatchObject({ state: 'current', outdated: false, newer: 'none', hidden: 1 });
    const digest = 'sha256:***';
    expect(seen.sources[1]).toEqual({
      pointer: '/configs/child0/package',
      space: '***',
      chart: '***',
      requested: '***',
      version: '***',
      digest,
    });
    expect(JSON.stringify(before)).not.toContain('secret');
  });

  it('count for those who may read them', async () => {
    for (const client of [insider, registry.admin]) {
      expect(await composedStateOf(await one(client, 'open', 'mixed'))).toMatchObject({
        state: 'outdated',
        newer: 'major',
        hidden: 0,
      });
      expect(await list(client, '/outdated?state=outdated')).toEqual(['open/mixed outdated']);
      expect(await list(client, '/outdated?state=newer')).toEqual(['team/inner newer']);
    }
  });
});

describe('composed versions that a reader may not read', () => {
  it('composed versions that a reader may not read are not in its lists', async () => {
    const open = ['open/mixed current', 'open/plain current'];
    expect(await list(stranger, '/outdated')).toEqual(open);
    expect(await list(member, '/outdated?state=current')).toEqual([...open, 'team/inner current']);
    expect(await list(insider, '/outdated?state=current')).toEqual([
      'open/plain current',
      'vault/hidden current',
    ]);
    for (const client of [stranger, member]) {
      expect((await client.api('/spaces/vault/outdated')).status).toBe(client === stranger ? 401 : 404);
      expect((await one(client, 'vault', 'hidden')).status).toBe(client === stranger ? 401 : 404);
    }
  });

  it('composed versions that a reader may not read are passed over by pages, which end at names that the reader may read', async () => {
    const response = await member.api('/outdated?limit=2');
    const cursor = /cursor=([^&>]+)/.exec(response.headers.get('link') ?? '')?.[1] ?? '';
    expect(Buffer.from(cursor, 'base64url').toString()).toBe('open/plain/1.0.0');
    expect(await list(member, `/outdated?limit=2&cursor=${cursor}`)).toEqual(['team/inner current']);
  });
});
