import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient, type TestClient } from '../support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { createPrincipals } from '../support/guarded.ts';

let registry: EmbeddedRegistry;
let principals: ReturnType<typeof createPrincipals>;
beforeAll(async () => {
  registry = await startEmbedded({ access: 'guarded' }, { worker: false });
  principals = createPrincipals(registry.db, registry.urls);
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
