import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashPassword } from '../core/access/passwords.ts';
import { beginSession } from '../core/access/sessions.ts';
import { createBrowser } from './support/browser.ts';
import { type GuardedRegistry, startGuarded } from './support/guarded.ts';
import { startRegistry } from './support/registry.ts';

let registry: GuardedRegistry;
let ada: string;

const password = 'correct horse battery staple';
const cookieName = 'helm-registry';

beforeAll(async () => {
  registry = await startGuarded({}, { worker: false });
  ada = await addUser('ada');
  await registry.addSpace('team', 'private');
  await registry.setRole(ada, 'team', 'reader');
});
afterAll(() => registry.close());

async function addUser(name: string): Promise<string> {
  const id = await registry.addUser(name);
  await registry.db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [
    id,
    await hashPassword(password),
  ]);
  return id;
}

const page = () => `${registry.url}/login`;
const readTeam = async (cookie: string | undefined) =>
  (await registry.api('/spaces/team', { headers: { Cookie: `${cookieName}=${cookie}` } })).status;

it('shows a form that needs no script, under a policy that allows none', async () => {
  const visit = await createBrowser().open(`${page()}?return=/team`);
  expect(visit.status).toBe(200);
  expect(visit.headers.get('content-type')).toBe('text/html; charset=UTF-8');
  expect(visit.headers.get('cache-control')).toBe('no-store');
  expect(visit.text).toContain('<meta name="viewport" content="width=device-width');
  expect(visit.text).toContain('<input type="hidden" name="return" value="/team">');
  expect(visit.text).not.toMatch(/<script|\sstyle=|\son\w+=/i);
  const policy = visit.headers.get('content-security-policy') ?? '';
  const style = /<style>(.*)<\/style>/s.exec(visit.text)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `style-src 'sha256-${digest}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]);
});

it('logs in with a password, and goes where the user wanted to go', async () => {
  const browser = createBrowser();
  const visit = await browser.post(page(), { name: 'ada', password, return: '/docs?x=1' }, page());
  expect(visit.trail).toEqual([page(), `${registry.url}/docs?x=1`]);
  expect(await readTeam(browser.cookies('127.0.0.1').get(cookieName))).toBe(200);
  const out = await browser.post(`${registry.url}/logout`, {}, page());
  expect(out.url).toBe(page());
  expect(browser.cookies('127.0.0.1').has(cookieName)).toBe(false);
});

it('a log-in with a foreign return address goes to the start of the page', async () => {
  const form = { name: 'ada', password, return: '//evil.example.com' };
  const visit = await createBrowser().post(page(), form, page());
  expect(visit.trail[1]).toBe(`${registry.url}/`);
});

it('begins a new session at each log-in, and ends the former one', async () => {
  const attacker = await registry.addUser('attacker');
  const planted = await beginSession(registry.db, attacker, 3600);
  const browser = createBrowser();
  browser.cookies('127.0.0.1').set(cookieName, planted?.secret ?? '');
  await browser.post(page(), { name: 'ada', password }, page());
  const first = browser.cookies('127.0.0.1').get(cookieName);
  expect(first).not.toBe(planted?.secret);
  expect([await readTeam(first), await readTeam(planted?.secret)]).toEqual([200, 401]);
  await browser.post(page(), { name: 'ada', password }, page());
  const second = browser.cookies('127.0.0.1').get(cookieName);
  expect([await readTeam(second), await readTeam(first)]).toEqual([200, 401]);
});

it('says the same of a wrong password, an unknown user and one without a password', async () => {
  await registry.addUser('no-password');
  const gone = await addUser('gone');
  await registry.db.query('UPDATE principals SET disabled = true WHERE id = $1', [gone]);
  const attempts = [
    { name: 'ada', password: 'wrong' },
    { name: 'nobody', password },
    { name: 'no-password', password },
    { name: 'gone', password },
    { name: '', password: '' },
    { name: 'ada\0', password },
  ];
  for (const attempt of attempts) {
    const browser = createBrowser();
    const visit = await browser.post(page(), attempt, page());
    expect(visit.status).toBe(401);
    expect(visit.text).toContain('<p class="error" role="alert">User name or password is wrong.</p>');
    expect(visit.headers.get('www-authenticate')).toBeNull();
    expect(visit.text).not.toContain(password);
    expect(browser.cookies('127.0.0.1').size).toBe(0);
  }
});

it('shows what was typed as text', async () => {
  const name = '"><script>alert(1)</script>';
  const visit = await createBrowser().post(page(), { name, password: 'x', return: '/"><b>' }, page());
  expect(visit.text).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
  expect(visit.text).not.toMatch(/<script|<b>/);
});

it('begins no session with a password that is changed at the same moment', async () => {
  const id = await addUser('changing');
  const changed = await hashPassword('another sentence of words');
  let posted: Promise<{ status: number }> | undefined;
  await registry.db.transaction(async (tx) => {
    await tx.query('LOCK TABLE sessions IN SHARE MODE');
    posted = createBrowser().post(page(), { name: 'changing', password }, page());
    // The password is verified by then, and the session about to be written.
    await expect
      .poll(() => tx.query("SELECT 1 FROM pg_locks WHERE relation = 'sessions'::regclass AND NOT granted"))
      .toHaveLength(1);
    await tx.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [id, changed]);
    await tx.query('DELETE FROM sessions WHERE principal_id = $1', [id]);
  });
  expect((await posted)?.status).toBe(401);
  expect(await registry.db.query('SELECT 1 FROM sessions WHERE principal_id = $1', [id])).toEqual([]);
});

it('asks wrong passwords to wait, and lets right ones in meanwhile', async () => {
  await addUser('grace');
  let refused = await createBrowser().post(page(), { name: 'grace', password: 'wrong 0' }, page());
  for (let count = 1; refused.status === 401 && count < 40; count += 1) {
    refused = await createBrowser().post(page(), { name: 'grace', password: `wrong ${count}` }, page());
  }
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const visit = await createBrowser().post(page(), { name: 'grace', password }, page());
  expect(visit.trail[1]).toBe(`${registry.url}/`);
});

it.each<[string, Record<string, string>]>([
  ['a foreign page', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example.com' }],
  ['a page of the same site', { 'Sec-Fetch-Site': 'same-site', Origin: 'http://127.0.0.1:1' }],
  ['a sandboxed frame', { 'Sec-Fetch-Site': 'cross-site', Origin: 'null' }],
])('refuses the form of %s: it would log somebody in as another', async (_, headers) => {
  const body = new URLSearchParams({ name: 'ada', password });
  const response = await fetch(page(), { method: 'POST', body, headers, redirect: 'manual' });
  expect(response.status).toBe(403);
  expect(response.headers.getSetCookie()).toEqual([]);
});

it('takes the form of a program, which has no page', async () => {
  const body = new URLSearchParams({ name: 'ada', password });
  const response = await fetch(page(), { method: 'POST', body, redirect: 'manual' });
  expect(response.status).toBe(303);
});

it('refuses wrong credentials in the header, and shows the page for a cookie that is over', async () => {
  const wrong = await fetch(page(), { headers: { Authorization: 'Bearer hrt_wrong' } });
  expect(wrong.status).toBe(401);
  const over = await fetch(page(), { headers: { Cookie: `${cookieName}=${'x'.repeat(43)}` } });
  expect(over.status).toBe(200);
});

it('records log-ins, failed ones too, without what was typed', async () => {
  const browser = createBrowser();
  const typed = 'typed-into-the-wrong-field';
  await browser.post(page(), { name: typed, password }, page());
  await browser.post(page(), { name: 'ada', password }, page());
  await browser.post(`${registry.url}/logout`, {}, page());
  await expect
    .poll(() =>
      registry.db.query(
        "SELECT action, outcome, principal, door FROM audit_events WHERE action LIKE 'log%' ORDER BY number DESC LIMIT 2",
      ),
    )
    .toEqual([
      { action: 'logout', outcome: 'done', principal: 'ada', door: 'api' },
      { action: 'login', outcome: 'done', principal: 'ada', door: 'api' },
    ]);
  const events = await registry.db.query<{ text: string }>('SELECT e::text AS text FROM audit_events e');
  const text = events.map((event) => event.text).join();
  expect(text).toContain('failed');
  expect(text).not.toContain(typed);
  expect(text).not.toContain(password);
});

it('reads names and passwords from the form alone', async () => {
  const query = new URLSearchParams({ name: 'ada', password });
  expect((await fetch(`${page()}?${query}`)).headers.getSetCookie()).toEqual([]);
  const headers = { Origin: registry.url };
  const asJson = await fetch(page(), {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'ada', password }),
  });
  expect(asJson.status).toBe(400);
  const large = await fetch(page(), {
    method: 'POST',
    headers,
    body: new URLSearchParams({ name: 'ada', password: 'x'.repeat(100_000) }),
  });
  expect(large.status).toBe(413);
});

it('sends a cookie of https alone where the registry is reached by https', async () => {
  const secure = await startGuarded({ publicUrl: 'https://charts.example.com' }, { worker: false });
  const id = await secure.addUser('ada');
  const hash = await hashPassword(password);
  await secure.db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [id, hash]);
  const response = await fetch(`${secure.url}/login`, {
    method: 'POST',
    headers: { Origin: 'https://charts.example.com' },
    body: new URLSearchParams({ name: 'ada', password }),
    redirect: 'manual',
  });
  expect(response.status).toBe(303);
  expect(response.headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^__Host-helm-registry=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    ),
  ]);
  await secure.close();
});

it('asks for no password over plain http from another machine', async () => {
  const plain = await startGuarded({ publicUrl: 'http://charts.example.com' }, { worker: false });
  const shown = await fetch(`${plain.url}/login`);
  expect(shown.status).toBe(400);
  const text = await shown.text();
  expect(text).toContain('https');
  expect(text).not.toContain('<form');
  await plain.close();
});

it('takes no name from spaces', async () => {
  const open = await startRegistry({}, { worker: false });
  for (const name of ['login', 'logout']) {
    await registry.addSpace(name, 'public');
    expect((await registry.request(`/${name}/index.yaml`)).status).toBe(200);
    await open.api('/spaces', { method: 'POST', body: JSON.stringify({ name }) });
    const root = await open.request(`/${name}`, { redirect: 'manual' });
    expect(root.headers.get('location')).toBe(`/${name}/index.yaml`);
  }
  expect((await open.request('/login', { method: 'POST' })).status).toBe(405);
  await open.close();
});

it('serves the page with the cookie of a session that is over, so that its user can log in again', async () => {
  const headers = { Cookie: `${cookieName}=${'a'.repeat(43)}`, Accept: 'text/html' };
  const open = (path: string) => registry.request(path, { headers, redirect: 'manual' });
  expect((await open('/')).status).toBe(302);
  for (const path of ['/-/', '/-/jobs', '/docs']) expect((await open(path)).status, path).toBe(200);
  expect((await registry.api('/whoami', { headers })).status).toBe(401);
  const wrong = await registry.request('/-/', { headers: { Authorization: 'Bearer hrt_wrong' } });
  // The failures of the tests before may have slowed this network down.
  expect([401, 429]).toContain(wrong.status);
});
