import { afterAll, beforeAll, expect, it } from 'vitest';
import { chartDetailsOf, spaceDetailsOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
let insider: TestClient;
let publisher: TestClient;
let narrowed: TestClient;
beforeAll(async () => {
  registry = await startGuarded();
  await registry.addSpace('open', 'public');
  await registry.addSpace('team', 'internal');
  await registry.addSpace('secret', 'private');
  const user = await registry.addUser('insider');
  await registry.setRole(user, 'secret', 'reader');
  insider = (await registry.addToken(user)).client;
  const author = await registry.addUser('author');
  await registry.setRole(author, 'open', 'publisher');
  publisher = (await registry.addToken(author)).client;
  narrowed = (await registry.addToken(user, { charts: ['web'] })).client;
  for (const version of ['1.0.0', '1.1.0'])
    expect((await registry.admin.upload('secret', { name: 'db', version })).status).toBe(201);
  expect((await publisher.upload('open', { name: 'web' })).status).toBe(201);
});
afterAll(() => registry.close());

const spaces = async (client: TestClient, query = '') => spaceDetailsOf(await client.api(`/details${query}`));
const rows = async (client: TestClient) =>
  (await spaces(client)).items.map(({ name, visibility, role }) => [name, visibility, role]);

it('a row of a space is for its readers only, with the role of each', async () => {
  expect(await rows(registry.anonymous)).toEqual([['open', 'public', 'reader']]);
  expect(await rows(insider)).toEqual([
    ['open', 'public', 'reader'],
    ['secret', 'private', 'reader'],
    ['team', 'internal', 'reader'],
  ]);
  expect(await rows(publisher)).toEqual([
    ['open', 'public', 'publisher'],
    ['team', 'internal', 'reader'],
  ]);
  expect(await rows(narrowed)).toEqual([['open', 'public', 'reader']]);
  expect((await rows(registry.admin)).map(([name, , role]) => [name, role])).toEqual([
    ['open', 'owner'],
    ['secret', 'owner'],
    ['team', 'owner'],
  ]);
});

it('counts, searches and pages tell nothing of a space that one may not read', async () => {
  for (const query of ['?q=secret', '?sort=changed&order=desc', '?sort=versions&order=desc&limit=1']) {
    const text = JSON.stringify(await spaces(registry.anonymous, query));
    expect(text).not.toContain('secret');
    expect(JSON.parse(text).metadata.total).toBe(query === '?q=secret' ? 0 : 1);
  }
});

it.each([
  '/spaces/secret/details',
  '/spaces/secret/charts/db/details',
  '/spaces/secret/charts/db/versions/1.0.0/details',
])(
  '%s answers a stranger as if the space were not there, also once a reader has filled the cache',
  async (path) => {
    const absent = path.replace('secret', 'absent');
    const told = async (at: string) => {
      const response = await publisher.api(at);
      return { status: response.status, text: (await response.text()).replaceAll('absent', 'secret') };
    };
    const before = await told(path);
    for (let round = 0; round < 2; round += 1) expect((await insider.api(path)).status).toBe(200);
    expect(await told(path)).toEqual(before);
    expect(before).toEqual(await told(absent));
    expect(before.status).toBe(404);
  },
);

it('a row names its author', async () => {
  const { items } = await chartDetailsOf(await registry.anonymous.api('/spaces/open/details'));
  expect(items.map(({ latest }) => latest.author)).toEqual(['author']);
});

it('a state depends on the sources that the reader may read, no matter who read the list before', async () => {
  const recipe = {
    save: { chart: 'mixed', version: '1.0.0' },
    configs: {
      package: { independent: true, space: 'open', chart: 'web', version: '1.0.0' },
      child: { package: { independent: true, space: 'secret', chart: 'db', version: '^1' } },
    },
  };
  expect((await registry.admin.orchestrate('open', recipe)).status).toBe(201);
  expect((await registry.admin.upload('secret', { name: 'db', version: '1.2.0' })).status).toBe(201);
  const stateFor = async (client: TestClient) => {
    const { items } = await chartDetailsOf(await client.api('/spaces/open/details'));
    return items.find(({ name }) => name === 'mixed')?.latest.state;
  };
  await expect.poll(() => stateFor(registry.admin), { timeout: 30_000 }).toBe('outdated');
  for (let round = 0; round < 2; round += 1) {
    expect(await stateFor(registry.anonymous)).toBe('current');
    expect(await stateFor(insider)).toBe('outdated');
  }
});
