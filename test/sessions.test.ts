import { afterAll, beforeAll, expect, it } from 'vitest';
import { links } from '../api/links.ts';
import { startApi } from '../api/main.ts';
import { beginSession } from '../core/access/sessions.ts';
import { createContext } from '../core/context.ts';
import { createLog } from '../core/runtime/log.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { createPrincipals } from './support/guarded.ts';
import { statusWithLines } from './support/header-lines.ts';

let registry: EmbeddedRegistry;
let principals: ReturnType<typeof createPrincipals>;
/** Second process on the same database. */
let other: { url: string; close(): Promise<void> };
let user: string;

beforeAll(async () => {
  registry = await startEmbedded({ access: 'guarded' }, { worker: false });
  principals = createPrincipals(registry.db, registry.urls);
  const { config, databaseUrl } = registry.context;
  const context = await createContext({ ...config, databaseUrl }, createLog('error'), {
    migrate: false,
    name: 'other',
    links,
  });
  const server = await startApi(context);
  other = {
    url: server.url,
    async close() {
      await server.close();
      await context.close();
    },
  };
  user = await principals.addUser('ada');
  await principals.addSpace('team', 'private');
  await principals.setRole(user, 'team', 'owner');
});
afterAll(async () => {
  await other.close();
  await registry.close();
});

/** Begins a session as a log-in does. @returns the header that a browser sends */
async function begin(lifetime = 3600): Promise<{ Cookie: string }> {
  const session = await beginSession(registry.db, user, lifetime);
  return { Cookie: `theme=dark; helm-registry=${session?.secret}` };
}

/** Reads twice a list that is answered from memory when it is asked for again. */
const read = async (headers: Record<string, string>, url = registry.url) => {
  const send = async () => (await fetch(`${url}/api/v1/spaces/team/charts`, { headers })).status;
  const first = await send();
  expect(await send()).toBe(first);
  return first;
};

const logOut = (headers: Record<string, string>, url = registry.url) =>
  fetch(`${url}/logout`, { method: 'POST', headers, redirect: 'manual' });

it('ends at the next request on every process, once the user has logged out on one', async () => {
  const cookie = await begin();
  const untouched = await begin();
  expect([await read(cookie), await read(cookie, other.url)]).toEqual([200, 200]);
  const response = await logOut({ ...cookie, Origin: registry.url });
  expect(response.status).toBe(303);
  expect(response.headers.getSetCookie().join()).toMatch(/^helm-registry=; Max-Age=0; Path=\//);
  expect([await read(cookie), await read(cookie, other.url)]).toEqual([401, 401]);
  expect([await read(untouched), await read(untouched, other.url)]).toEqual([200, 200]);
});

it('ends with its time, with its user, and by its row', async () => {
  const [short, gone, cut] = [await begin(), await begin(), await begin()];
  expect([await read(short), await read(gone), await read(cut)]).toEqual([200, 200, 200]);
  await registry.db.query('DELETE FROM sessions');
  expect([await read(short), await read(gone), await read(cut)]).toEqual([401, 401, 401]);
  expect(await read(await begin(0))).toBe(401);
  const cookie = await begin();
  expect(await read(cookie, other.url)).toBe(200);
  await registry.db.query('UPDATE principals SET disabled = true WHERE id = $1', [user]);
  expect([await read(cookie), await read(cookie, other.url)]).toEqual([401, 401]);
  expect(await beginSession(registry.db, user, 60)).toBeUndefined();
  await registry.db.query('UPDATE principals SET disabled = false WHERE id = $1', [user]);
});

it('gives a session the rights of its user as they are', async () => {
  const cookie = await begin();
  await principals.setRole(user, 'team', undefined);
  expect([await read(cookie), await read(cookie, other.url)]).toEqual([404, 404]);
  await principals.setRole(user, 'team', 'owner');
  expect([await read(cookie), await read(cookie, other.url)]).toEqual([200, 200]);
});

it.each([
  ['empty', 'helm-registry='],
  ['unknown', `helm-registry=${'x'.repeat(43)}`],
  ['too long', `helm-registry=${'x'.repeat(4000)}`],
  ['with a zero byte', 'helm-registry=%00'],
  ['with SQL', "helm-registry=' OR 1=1"],
])('refuses a cookie that is %s', async (_, Cookie) => {
  expect(await read({ Cookie })).toBe(401);
  // The log-in page and the documentation are there all the same.
  expect((await fetch(`${registry.url}/login`, { headers: { Cookie } })).status).toBe(200);
});

it('takes the first of two cookies of its name, from memory too', async () => {
  const { Cookie } = await begin();
  const unknown = `helm-registry=${'x'.repeat(43)}`;
  expect(await read({ Cookie: `${Cookie}; ${unknown}` })).toBe(200);
  expect(await read({ Cookie: `${unknown}; ${Cookie}` })).toBe(401);
  const readWithLines = (...cookies: string[]) =>
    statusWithLines(
      registry.url,
      '/api/v1/spaces/team/charts',
      cookies.map((cookie) => ['Cookie', cookie]),
    );
  expect([await readWithLines(Cookie, unknown), await readWithLines(Cookie, unknown)]).toEqual([200, 200]);
  expect([await readWithLines(unknown, Cookie), await readWithLines(unknown, Cookie)]).toEqual([401, 401]);
});

it('deletes expired sessions when others begin', async () => {
  await begin();
  await registry.db.query("UPDATE sessions SET expires_at = now() - interval '1 second'");
  await begin();
  const expired = await registry.db.query('SELECT 1 FROM sessions WHERE expires_at < now()');
  expect(expired).toEqual([]);
});

it('reads over https only the cookie that browsers protect', async () => {
  const cookie = await begin();
  const secure = await startEmbedded(
    { access: 'guarded', publicUrl: 'https://charts.example.com', databaseUrl: registry.context.databaseUrl },
    { worker: false },
  );
  expect(await read(cookie, secure.url)).toBe(401);
  const hostCookie = { Cookie: cookie.Cookie.replace('helm-registry', '__Host-helm-registry') };
  expect(await read(hostCookie, secure.url)).toBe(200);
  expect(await read(hostCookie)).toBe(401);
  await secure.close();
});

const own = () => registry.url;
const foreign = 'http://127.0.0.1:1';

it.each<[string, () => Record<string, string>, number]>([
  ['a page of the registry', () => ({ 'Sec-Fetch-Site': 'same-origin', Origin: own() }), 200],
  ['a page of the registry, in an old browser', () => ({ Origin: own() }), 200],
  ['the address bar', () => ({ 'Sec-Fetch-Site': 'none' }), 200],
  ['a foreign page', () => ({ 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example.com' }), 403],
  ['a foreign page, in an old browser', () => ({ Origin: 'https://evil.example.com' }), 403],
  ['another port of the host', () => ({ 'Sec-Fetch-Site': 'same-site', Origin: foreign }), 403],
  ['another port, in an old browser', () => ({ Origin: foreign }), 403],
  ['another scheme', () => ({ Origin: own().replace('http:', 'https:') }), 403],
  ['a sandboxed frame', () => ({ 'Sec-Fetch-Site': 'cross-site', Origin: 'null' }), 403],
  ['a sandboxed frame, in an old browser', () => ({ Origin: 'null' }), 403],
  ['a foreign page that hides its origin', () => ({ 'Sec-Fetch-Site': 'cross-site' }), 403],
  ['a program', () => ({}), 403],
])('takes or refuses writes with a cookie from %s', async (_, page, status) => {
  const cookie = await begin();
  const types = [
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
  ];
  const write = async (type: string) => {
    const response = await fetch(`${registry.url}/api/v1/spaces/team`, {
      method: 'PATCH',
      headers: { ...cookie, ...page(), 'Content-Type': type },
      body: JSON.stringify({ overwriting: 'mutable' }),
    });
    return response.status;
  };
  const statuses = await Promise.all(types.map(write));
  expect(statuses).toEqual(types.map(() => status));
  const out = await logOut({ ...cookie, ...page() });
  expect(out.status).toBe(status === 200 ? 303 : 403);
  expect(await read(cookie)).toBe(status === 200 ? 401 : 200);
});

it('asks programs with a token for no page', async () => {
  const { text } = await principals.addToken(user);
  const response = await fetch(`${registry.url}/api/v1/spaces/team`, {
    method: 'PATCH',
    headers: { ...(await begin()), Authorization: `Bearer ${text}` },
    body: JSON.stringify({ overwriting: 'mutable' }),
  });
  expect(response.status).toBe(200);
});

it('prefers the header to the cookie, also where the header is wrong', async () => {
  const cookie = await begin();
  expect(await read({ ...cookie, Authorization: 'Bearer hrt_wrong' })).toBe(401);
});
