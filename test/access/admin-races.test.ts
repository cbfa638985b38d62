import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { listRouteAccess } from '../../api/access/declared-routes.ts';
import { createApp } from '../../api/app.ts';
import { hashPassword } from '../../core/access/passwords.ts';
import type { Queryable } from '../../core/db/port.ts';
import type { TestClient } from '../support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { createPrincipals, type GuardedRegistry } from '../support/guarded.ts';
import { untilBlocked } from '../support/until-blocked.ts';

let registry: EmbeddedRegistry;
let principals: Pick<GuardedRegistry, 'addUser' | 'addSpace' | 'setRole' | 'addToken'>;
let passwordHash: string;
const password = 'four words of mine';
beforeAll(async () => {
  registry = await startEmbedded({ access: 'guarded' }, { worker: false });
  principals = createPrincipals(registry.db, registry.urls);
  await principals.addUser('root', 'admin');
  passwordHash = await hashPassword(password);
});
afterAll(() => registry?.close());

/** Rights that a caller loses: an owner of a space, an admin, or a user whom an admin disables. */
type Loss = 'space' | 'registry' | 'self';

/** Caller, and the values of the parameters in the paths of its requests. */
interface Scene {
  loss: Loss;
  id: string;
  client: TestClient;
  /** Value of each parameter of a path. */
  params: Record<string, string>;
  /** Id of each principal that a request may wait for. */
  ids: { user: string; member: string; group: string; account: string };
  spaceId: number;
}

/** Creates what requests are about, and a caller who may send them. */
async function createScene(loss: Loss): Promise<Scene> {
  const tag = randomBytes(4).toString('hex');
  const space = `space-${tag}`;
  const me = `me-${tag}`;
  await principals.addSpace(space, 'private');
  const id = await principals.addUser(me, loss === 'registry' ? 'admin' : undefined);
  const user = await principals.addUser(`user-${tag}`);
  const member = await principals.addUser(`member-${tag}`);
  await principals.setRole(id, space, loss === 'space' ? 'owner' : undefined);
  await principals.setRole(member, space, 'reader');
  await registry.db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [id, passwordHash]);
  const made = await registry.db.query(
    `WITH s AS (SELECT id FROM spaces WHERE name = $1),
       g AS (INSERT INTO principals (kind, name) VALUES ('group', $2) RETURNING id),
       m AS (INSERT INTO group_members (group_id, user_id) SELECT id, $3::uuid FROM g),
       a AS (INSERT INTO principals (kind, name, space_id)
         VALUES ('account', $2, CASE WHEN $4 THEN (SELECT id FROM s) END) RETURNING id),
       r AS (INSERT INTO trust_rules (account_id, issuer, audience, claims)
         SELECT id, 'https://ci.example', 'old', '{"sub":"x"}' FROM a RETURNING id)
     SELECT s.id AS space, g.id AS "group", a.id AS account, r.id AS rule FROM s, g, a, r`,
    [space, `made-${tag}`, member, loss === 'space'],
  );
  const ids = z
    .object({ space: z.number(), group: z.string(), account: z.string(), rule: z.string() })
    .parse(made[0]);
  const { id: own, client } = await principals.addToken(id);
  const token = await principals.addToken(loss === 'self' ? id : ids.account);
  // A token rotates those that it has made.
  await registry.db.query('UPDATE tokens SET made_with = $2 WHERE id = $1', [token.id, own]);
  const params = {
    ...{ space, user: `user-${tag}`, member: `member-${tag}`, me, group: `made-${tag}` },
    ...{ account: `made-${tag}`, rule: ids.rule, token: token.id, fresh: `fresh-${tag}` },
  };
  return { loss, id, client, params, ids: { ...ids, user, member }, spaceId: ids.space };
}

/** Takes the right of the caller away, or gives it back. */
async function setRight(db: Queryable, { loss, id, spaceId }: Scene, has: boolean): Promise<void> {
  if (loss === 'registry')
    await db.query('UPDATE principals SET registry_role = $2 WHERE id = $1', [id, has ? 'admin' : null]);
  else if (loss === 'self') await db.query('UPDATE principals SET disabled = $2 WHERE id = $1', [id, !has]);
  else if (has)
    await db.query("INSERT INTO space_members (space_id, principal_id, role) VALUES ($1, $2, 'owner')", [
      spaceId,
      id,
    ]);
  else await db.query('DELETE FROM space_members WHERE space_id = $1 AND principal_id = $2', [spaceId, id]);
}

/** Holds what a request waits for. The end of the transaction ends it, after what it returns was called. */
type Hold = (tx: Queryable, scene: Scene) => Promise<(() => Promise<unknown>) | undefined>;

const row =
  (sql: string, idOf: (scene: Scene) => string): Hold =>
  async (tx, scene) => {
    await tx.query(`${sql} WHERE id = $1 FOR NO KEY UPDATE`, [idOf(scene)]);
    return undefined;
  };
const principal = (idOf: (scene: Scene) => string) => row('SELECT FROM principals', idOf);
const me = principal(({ id }) => id);
const user = principal(({ ids }) => ids.user);
const member = principal(({ ids }) => ids.member);
const group = principal(({ ids }) => ids.group);
const account = principal(({ ids }) => ids.account);
const token = row('SELECT FROM tokens', ({ params }) => params.token ?? '');
const members: Hold = async (tx, { spaceId }) => {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('the members of space ' || $1::bigint, 0))", [
    spaceId,
  ]);
  return undefined;
};
const admins: Hold = async (tx) => {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('the admins of the registry', 0))");
  return undefined;
};
/** Holds a name: a row of it exists, of which nobody knows yet whether it stays. */
const freshName =
  (kind: 'user' | 'group' | 'account'): Hold =>
  async (tx, { loss, params, spaceId }) => {
    const [added] = await tx.query<{ id: string }>(
      'INSERT INTO principals (kind, name, space_id) VALUES ($1, $2, $3) RETURNING id',
      [kind, params.fresh, loss === 'space' ? spaceId : null],
    );
    return () => tx.query('DELETE FROM principals WHERE id = $1', [added?.id]);
  };

/** Write: its route as declared, how its path names what it is about, what it waits for, and its body. */
interface Write {
  loss: Loss;
  route: string;
  /** Path below /api/v1, with parameters of the scene; absent where the route's own are meant. */
  path?: string;
  hold: Hold;
  body?: object;
}

const accountWrites = (loss: Loss, at: string): Write[] => [
  { loss, route: `POST ${at}/accounts`, hold: freshName('account'), body: { name: ':fresh' } },
  { loss, route: `PATCH ${at}/accounts/:account`, hold: account, body: { disabled: true } },
  { loss, route: `DELETE ${at}/accounts/:account`, hold: account },
  { loss, route: `POST ${at}/accounts/:account/tokens`, hold: account, body: { name: 'kept' } },
  {
    loss,
    route: `POST ${at}/accounts/:account/trust-rules`,
    hold: account,
    body: { issuer: 'https://ci.example', audience: 'new', claims: { sub: 'x' } },
  },
  { loss, route: `DELETE ${at}/accounts/:account/trust-rules/:rule`, hold: account },
];
const tokenWrites = (loss: Loss): Write[] => [
  { loss, route: 'POST /tokens/:token/rotate', hold: token, body: {} },
  { loss, route: 'DELETE /tokens/:token', hold: token },
];
const asAdmin = { loss: 'registry' } as const;
const asOwner = { loss: 'space' } as const;
const memberRoute = '/spaces/:space/members/:principal';

const writes: Write[] = [
  { ...asAdmin, route: 'POST /users', hold: freshName('user'), body: { name: ':fresh', role: 'admin' } },
  { ...asAdmin, route: 'PATCH /users/:user', hold: user, body: { role: 'admin' } },
  { ...asAdmin, route: 'PATCH /users/:user', path: '/users/:me', hold: admins, body: { role: 'admin' } },
  { ...asAdmin, route: 'DELETE /users/:user', hold: user },
  { ...asAdmin, route: 'POST /groups', hold: freshName('group'), body: { name: ':fresh', role: 'admin' } },
  { ...asAdmin, route: 'PATCH /groups/:group', hold: group, body: { role: 'admin' } },
  { ...asAdmin, route: 'DELETE /groups/:group', hold: group },
  { ...asAdmin, route: 'PUT /groups/:group/members/:user', hold: user },
  { ...asAdmin, route: 'PUT /groups/:group/members/:user', path: '/groups/:group/members/:me', hold: me },
  {
    ...asAdmin,
    route: 'DELETE /groups/:group/members/:user',
    path: '/groups/:group/members/:member',
    hold: member,
  },
  ...accountWrites('registry', ''),
  ...tokenWrites('registry'),
  {
    ...asOwner,
    route: `PUT ${memberRoute}`,
    path: '/spaces/:space/members/user%3A:me',
    hold: members,
    body: { role: 'owner' },
  },
  {
    ...asOwner,
    route: `DELETE ${memberRoute}`,
    path: '/spaces/:space/members/user%3A:member',
    hold: members,
  },
  ...accountWrites('space', '/spaces/:space'),
  ...tokenWrites('space'),
  { loss: 'self', route: 'POST /tokens', hold: me, body: { name: 'kept' } },
  ...tokenWrites('self'),
  {
    loss: 'self',
    route: 'PUT /whoami/password',
    hold: me,
    body: { old: password, new: 'five words of my own' },
  },
];

/** Reads what administration writes, without when tokens were used. */
async function readState(db: Queryable): Promise<unknown> {
  const listOf = (table: string) =>
    `(SELECT jsonb_agg(to_jsonb(t) - 'last_used_at' ORDER BY (to_jsonb(t) - 'last_used_at')::text COLLATE "C") FROM ${table} t)`;
  const tables = ['principals', 'group_members', 'space_members', 'tokens', 'trust_rules'];
  return db.query(
    `SELECT ${tables.map((table) => `${listOf(table)} AS ${table}`).join(', ')},
      (SELECT count(*) FROM audit_events WHERE outcome = 'done') AS events`,
  );
}

it.each(writes.map((write) => [write.route, write.path ?? '', write.loss, write] as const))(
  'a right that is lost while the write waits writes nothing: %s %s (%s)',
  async (_route, _path, _loss, { loss, route, path, hold, body }) => {
    const scene = await createScene(loss);
    const fill = (text: string) =>
      text.replace(/:([a-z]+)/g, (whole, name: string) => scene.params[name] ?? whole);
    const [method = '', declared = ''] = route.split(' ');
    const send = () =>
      scene.client.api(fill(path ?? declared), {
        method,
        ...(body ? { body: fill(JSON.stringify(body)) } : {}),
      });
    const sent: Promise<Response>[] = [];
    let expected: unknown;
    await registry.db.transaction(async (tx) => {
      const undo = await hold(tx, scene);
      sent.push(send());
      await untilBlocked(registry.db, tx);
      await undo?.();
      await setRight(tx, scene, false);
      expected = await readState(tx);
    });
    const answer = await sent[0];
    expect([answer?.status, await answer?.text()]).toEqual([
      loss === 'self' ? 401 : 403,
      expect.stringContaining(loss === 'self' ? 'access.unauthenticated' : 'access.denied'),
    ]);
    expect(await readState(registry.db)).toEqual(expected);
    // With the right, the request is a good one.
    await setRight(registry.db, scene, true);
    const again = await send();
    expect(again.ok, await again.text()).toBe(true);
  },
);

it('every write of administration is among them', () => {
  const rights = ['member.manage', 'account.manage', 'principal.manage'];
  const declared = listRouteAccess(createApp(registry.context).routes)
    .filter(({ method }) => !['GET', 'HEAD', 'ALL'].includes(method))
    .filter(({ path, access }) => {
      if ('right' in access) return rights.includes(access.right);
      if ('registryRight' in access) return rights.includes(access.registryRight);
      return 'known' in access && !path.startsWith('/api/v1/device/');
    })
    .map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`);
  expect(new Set(writes.map(({ route }) => route))).toEqual(new Set(declared));
});
