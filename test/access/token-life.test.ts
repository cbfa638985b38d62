import { afterAll, beforeAll, expect, it } from 'vitest';
import { announceExpiringTokens } from '../../core/access/admin/announce-expiring-tokens.ts';
import { hashPassword } from '../../core/access/passwords.ts';
import { eventsOf } from '../support/audit.ts';
import { createClient, type TestClient } from '../support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { createPrincipals } from '../support/guarded.ts';
import { secretOf } from '../support/principals.ts';
import { startReceiver } from '../support/receiver.ts';
import { createWebhooks } from '../support/webhooks.ts';

let registry: EmbeddedRegistry;
let principals: ReturnType<typeof createPrincipals>;
let admin: TestClient;
/** Client of the admin's password: what a token makes ends with it. */
let person: TestClient;
beforeAll(async () => {
  registry = await startEmbedded({ access: 'guarded' }, { worker: false });
  principals = createPrincipals(registry.db, registry.urls);
  const root = await principals.addUser('root', 'admin');
  admin = (await principals.addToken(root)).client;
  const password = 'a sentence of several words';
  await registry.db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [
    root,
    await hashPassword(password),
  ]);
  person = createClient(registry.urls, `Basic ${Buffer.from(`root:${password}`).toString('base64')}`);
  await principals.addSpace('team', 'private');
});
afterAll(() => registry.close());

async function send(client: TestClient, path: string, body?: object) {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await client.api(path, init);
  return { status: response.status, json: JSON.parse(await response.text()) };
}

/** Reads the number that each change of rights or credentials raises. */
async function readRevision(): Promise<number | undefined> {
  const [row] = await registry.db.query<{ revision: number }>('SELECT revision FROM access_revision');
  return row?.revision;
}

it('the last use of a token is shown, and writing it changes no rights and waits for nobody', async () => {
  const { db, context } = registry;
  const user = await principals.addUser('ana');
  const [used, unused, locked] = await Promise.all([1, 2, 3].map(() => principals.addToken(user)));
  if (!used || !unused || !locked) throw new Error('a token is missing');
  const revision = await readRevision();
  expect((await send(used.client, '/whoami')).status).toBe(200);
  const wrong = createClient(registry.urls, `Bearer ${unused.text.slice(0, -3)}xyz`);
  expect((await send(wrong, '/whoami')).status).toBe(401);
  await db.transaction(async (tx) => {
    await tx.query('SELECT FROM tokens WHERE id = $1 FOR NO KEY UPDATE', [locked.id]);
    expect((await send(locked.client, '/whoami')).status).toBe(200);
    await context.tokenUses.flush();
  });
  expect(await readRevision()).toBe(revision);
  const listed = await send(used.client, '/tokens');
  const uses = new Map(
    listed.json.items.map((token: { id: string; lastUsedAt: string | null }) => [token.id, token.lastUsedAt]),
  );
  expect(uses.get(used.id)).toEqual(expect.any(String));
  expect([uses.get(unused.id), uses.get(locked.id)]).toEqual([null, null]);
});

it('a token that expires within a week is announced once for each end, by one worker, without its secret', async () => {
  const { db } = registry;
  const receiver = await startReceiver();
  await createWebhooks(admin, 'team').add({ url: receiver.url, events: ['token.*'] });
  expect((await send(admin, '/spaces/team/accounts', { name: 'ci', role: 'reader' })).status).toBe(201);
  const make = async (name: string, expiresInDays: number): Promise<{ id: string; token: string }> => {
    const made = await send(person, '/spaces/team/accounts/ci/tokens', { name, expiresInDays });
    expect(made.status).toBe(201);
    return made.json;
  };
  const [near, far, short, revoked] = [
    await make('near', 30),
    await make('far', 30),
    await make('short', 7),
    await make('revoked', 30),
  ];
  const days = (count: number) => ({ seconds: count * 86_400 });
  const own = await principals.addToken(await principals.addUser('ben'), days(30));
  const gone = await principals.addUser('carl');
  const disabled = await principals.addToken(gone, days(30));
  await db.query('UPDATE principals SET disabled = true WHERE id = $1', [gone]);
  await db.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [revoked.id]);
  /** Moves tokens 25 days into the past. */
  const age = (...ids: string[]) =>
    db.query(
      `UPDATE tokens SET created_at = created_at - interval '25 days', expires_at = expires_at - interval '25 days'
        WHERE id = ANY($1)`,
      [ids],
    );
  await age(near.id, revoked.id, own.id, disabled.id);
  const announced: string[] = [];
  const announce = () =>
    announceExpiringTokens(db, (tokens) => void announced.push(...tokens.map(({ id }) => id)));
  const revision = await readRevision();
  await Promise.all([announce(), announce(), announce()]);
  expect(announced.sort()).toEqual([near.id, own.id].sort());
  await announce();
  expect(announced).toHaveLength(2);
  expect(await readRevision()).toBe(revision);

  const events = await eventsOf(admin, 'action=token.expiring');
  const told = events.map(({ space, details }) => [
    space,
    details?.token,
    details?.tokenName,
    details?.owner,
  ]);
  expect(told).toHaveLength(2);
  expect(told).toContainEqual(['team', near.id, 'near', 'account:team/ci']);
  expect(told).toContainEqual([undefined, own.id, 'test', 'user:ben']);

  const rotate = async (expiresInDays: number) => {
    const rotation = { expiresInDays, overlapHours: 0 };
    expect((await send(person, `/tokens/${near.id}/rotate`, rotation)).status).toBe(200);
  };
  await rotate(3);
  await announce();
  expect(announced).toHaveLength(2);
  await rotate(30);
  await announce();
  expect(announced).toHaveLength(2);
  await age(near.id);
  await announce();
  expect(announced.slice(2)).toEqual([near.id]);
  expect(announced).not.toContain(far.id);
  expect(announced).not.toContain(short.id);

  await registry.startWorker();
  const calls = await receiver.called(2);
  for (const { event, body } of calls) {
    expect(event.type).toBe('token.expiring');
    expect(event.data).toEqual({
      ...{ space: 'team', owner: 'account:team/ci', token: near.id },
      expiresAt: expect.any(String),
    });
    expect(body).not.toContain(secretOf(near.token));
  }
});
