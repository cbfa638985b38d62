import { afterAll, beforeAll, expect, it } from 'vitest';
import { spaceDetailsList } from '../../api/details-schemas.ts';
import { spaceShape } from '../../api/schemas.ts';
import { errorOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { sendJson } from '../support/webhooks.ts';

let registry: GuardedRegistry;
let owner: TestClient;
let reader: TestClient;
let stranger: TestClient;
beforeAll(async () => {
  registry = await startGuarded();
  await registry.addSpace('team', 'public');
  const [ana, ben, eve] = await Promise.all(['ana', 'ben', 'eve'].map((name) => registry.addUser(name)));
  if (!ana || !ben || !eve) throw new Error('a user is missing');
  await registry.setRole(ana, 'team', 'owner');
  await registry.setRole(ben, 'team', 'reader');
  owner = (await registry.addToken(ana)).client;
  reader = (await registry.addToken(ben)).client;
  stranger = (await registry.addToken(eve)).client;
});
afterAll(() => registry.close());

const set = (by: TestClient, quota: object) => sendJson(by, 'PATCH', '/spaces/team', { quota });
const quotas = async (by: TestClient) => {
  const one = spaceShape.parse(await (await by.api('/spaces/team')).json());
  const list = spaceDetailsList.parse(await (await by.api('/details')).json());
  return [one.quota, list.items.find(({ name }) => name === 'team')?.quota];
};

it('admins of the registry set the quotas of a space, and its members see them', async () => {
  const refused = await set(owner, { versions: 100 });
  expect(refused.status).toBe(403);
  expect(await errorOf(refused)).toMatchObject({ code: 'access.denied', details: { right: 'quota.set' } });
  expect((await set(registry.admin, { versions: 1, bytes: 0 })).status).toBe(200);
  const shown = { bytes: { used: 0, limit: null }, versions: { used: 0, limit: 1 } };
  for (const client of [owner, reader, registry.admin]) expect(await quotas(client)).toEqual([shown, shown]);
  for (const client of [stranger, registry.anonymous])
    expect(await quotas(client)).toEqual([undefined, undefined]);
  const events = await registry.db.query(
    "SELECT principal, details FROM audit_events WHERE action = 'space.configure'",
  );
  expect(events).toEqual([{ principal: 'root', details: { quotaBytes: 0, quotaVersions: 1 } }]);
});

it('a full space refuses members, and tells nobody else of its quota', async () => {
  expect((await owner.upload('team', { name: 'one' })).status).toBe(201);
  const full = await owner.upload('team', { name: 'two' });
  expect([full.status, (await errorOf(full)).code]).toEqual([403, 'quota.exceeded']);
  const unknown = await stranger.upload('team', { name: 'two' });
  expect([unknown.status, (await errorOf(unknown)).code]).toEqual([403, 'access.denied']);
});
