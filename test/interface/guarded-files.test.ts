import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
let reader: TestClient;
let stranger: TestClient;
/** Client with a token for another chart of the space. */
let bounded: TestClient;

beforeAll(async () => {
  registry = await startGuarded({}, { worker: false });
  await registry.addSpace('hidden', 'private');
  const user = await registry.addUser('rita');
  await registry.setRole(user, 'hidden', 'reader');
  reader = (await registry.addToken(user)).client;
  bounded = (await registry.addToken(user, { spaces: ['hidden'], charts: ['other'] })).client;
  stranger = (await registry.addToken(await registry.addUser('sven'))).client;
  const chart = {
    name: 'web',
    manifest: { icon: 'icon.svg' },
    values: { password: 'hunter2' },
    files: { 'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>', 'README.md': 'confidential' },
  };
  expect((await registry.admin.upload('hidden', chart)).status).toBe(201);
});
afterAll(() => registry.close());

const version = '/spaces/hidden/charts/web/versions/1.0.0';
const paths = [
  `${version}/files`,
  `${version}/files/README.md`,
  `${version}/files/nothing`,
  `${version}/icon`,
  `${version}/manifests/values?origin=true`,
];

it.each(paths)('%s is as if absent for a stranger, and for a token of another chart', async (path) => {
  const known = await reader.api(path);
  expect(known.status).toBe(path.endsWith('nothing') ? 404 : 200);
  // Knowing the validator of what is hidden shows nothing either.
  const headers = { 'If-None-Match': known.headers.get('etag') ?? '*' };
  for (const client of [stranger, bounded]) {
    const hidden = await client.api(path, { headers });
    const absent = await client.api(path.replace('/charts/web/', '/charts/gone/'), { headers });
    expect([hidden.status, absent.status]).toEqual([404, 404]);
    expect((await hidden.text()).replaceAll('web', 'gone')).toBe(await absent.text());
    expect(hidden.headers.get('etag')).toBeNull();
  }
  const anonymous = await registry.anonymous.api(path, { headers });
  expect(anonymous.status).toBe(401);
  expect(await anonymous.text()).not.toContain('web');
});

it('ends with the role, also for what is in memory', async () => {
  const user = await registry.addUser('tom');
  await registry.setRole(user, 'hidden', 'reader');
  const { client } = await registry.addToken(user);
  expect((await client.api(`${version}/files/README.md`)).status).toBe(200);
  const members = `/spaces/hidden/members/user:tom`;
  const removed = await registry.admin.api(members, { method: 'DELETE' });
  expect(removed.status).toBe(204);
  for (const path of paths) expect([path, (await client.api(path)).status]).toEqual([path, 404]);
});
