import { decodeJwt, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { hashTo16Bits } from '../core/access/secrets.ts';
import { createFollower } from './support/audit.ts';
import { type Browser, createBrowser, type Visit } from './support/browser.ts';
import { type GuardedRegistry, startGuarded } from './support/guarded.ts';
import { startOidcProvider, type TestPerson, type TestProvider } from './support/oidc-provider.ts';
import { addGroup } from './support/principals.ts';

let provider: TestProvider;
let registry: GuardedRegistry;

beforeAll(async () => {
  provider = await startOidcProvider();
  registry = await startGuarded(
    {
      oidcIssuer: provider.issuer,
      oidcClientId: provider.clientId,
      oidcClientSecret: provider.clientSecret,
      oidcAdminGroup: 'platform',
    },
    { worker: false },
  );
});
afterAll(async () => {
  await registry.close();
  await provider.close();
});
afterEach(() => provider.tamper(undefined));

const cookieName = 'helm-registry';
const callback = () => `${registry.url}/login/callback`;

/** Logs a person in with a browser, by default a new one. */
function logIn(subject: string, person: TestPerson, browser = createBrowser(), returnPath = '/docs') {
  provider.people.set(subject, person);
  provider.logsIn(subject);
  return browser.open(`${registry.url}/login/oidc?return=${encodeURIComponent(returnPath)}`);
}

/** Goes to the provider and back, up to the address with the code, which is not opened. */
async function goForCode(browser: Browser, subject: string): Promise<string> {
  provider.people.set(subject, {});
  provider.logsIn(subject);
  let url = `${registry.url}/login/oidc`;
  while (!url.startsWith(callback())) {
    const { headers } = await browser.open(url, { follow: false });
    url = new URL(headers.get('location') ?? '', url).href;
  }
  return url;
}

async function findUser(subject: string): Promise<{ id: string; name: string } | undefined> {
  const [user] = await registry.db.query<{ id: string; name: string }>(
    'SELECT id, name FROM principals WHERE issuer = $1 AND subject = $2',
    [provider.issuer, subject],
  );
  return user;
}

async function groupsOf(subject: string): Promise<string[]> {
  const rows = await registry.db.query<{ name: string }>(
    `SELECT g.name FROM group_members m JOIN principals g ON g.id = m.group_id
       JOIN principals u ON u.id = m.user_id WHERE u.subject = $1 ORDER BY 1`,
    [subject],
  );
  return rows.map(({ name }) => name);
}

async function sessionCount(): Promise<number> {
  const [row] = await registry.db.query<{ count: number }>('SELECT count(*)::int FROM sessions');
  return row?.count ?? 0;
}

function expectRefused(visit: Visit, browser: Browser, status = 401): void {
  expect(visit.status).toBe(status);
  expect(visit.headers.get('content-type')).toMatch(/^text\/html/);
  expect(visit.text).toContain('role="alert"');
  expect(visit.headers.get('www-authenticate')).toBeNull();
  expect(browser.cookies('127.0.0.1').has(cookieName)).toBe(false);
}

it('starts without the provider, says so, and logs in once it is there', async () => {
  const browser = createBrowser();
  const before = await browser.open(`${registry.url}/login/oidc`);
  expectRefused(before, browser, 503);
  expect((await registry.request('/healthz')).status).toBe(200);
  provider.serve([callback()]);
  const visit = await logIn('first', { preferred_username: 'first' }, browser);
  expect(visit.url).toBe(`${registry.url}/docs`);
  expect(await findUser('first')).toMatchObject({ name: 'first' });
});

it.each([
  ['RS256', true],
  ['ES256', true],
  ['RS256', false],
] as const)(
  'takes ID tokens of %s, with names and groups in them: %s',
  async (algorithm, claimsInIdToken) => {
    const fresh = await startOidcProvider();
    const own = await startGuarded(
      { oidcIssuer: fresh.issuer, oidcClientId: fresh.clientId, oidcClientSecret: fresh.clientSecret },
      { worker: false },
    );
    fresh.serve([`${own.url}/login/callback`], { algorithm, claimsInIdToken });
    fresh.people.set('s', { preferred_username: 'grace', groups: ['team'] });
    fresh.logsIn('s');
    const group = await addGroup(own.db, 'team');
    await own.addSpace('charts', 'private');
    await own.setRole(group, 'charts', 'reader');
    const browser = createBrowser();
    await browser.open(`${own.url}/login/oidc`);
    const read = await browser.fetch(`${own.url}/api/v1/spaces/charts`, own.url);
    expect(read.status).toBe(200);
    expect((await own.anonymous.api('/spaces/charts')).status).toBe(401);
    await own.close();
    await fresh.close();
  },
);

it('sends a cookie that scripts and foreign pages cannot use, and keeps its hash only', async () => {
  const browser = createBrowser();
  const response = await browser.fetch(await goForCode(browser, 'cookie'), registry.url);
  expect(response.status).toBe(303);
  const [line = ''] = response.headers.getSetCookie().filter((text) => text.startsWith(`${cookieName}=`));
  const [pair = '', ...attributes] = line.split('; ');
  expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax']);
  const secret = pair.slice(cookieName.length + 1);
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  const stored = await registry.db.query<{ text: string }>('SELECT s::text FROM sessions s');
  expect(stored.map(({ text }) => text).join()).not.toContain(secret);
});

it('makes groups follow the claim, and leaves those alone that an admin gave', async () => {
  const [given, claimed] = [await addGroup(registry.db, 'given'), await addGroup(registry.db, 'claimed')];
  await addGroup(registry.db, 'other');
  await logIn('follower', { groups: ['claimed', 'other', 'not-here'] });
  expect(await groupsOf('follower')).toEqual(['claimed', 'other']);
  const user = await findUser('follower');
  await registry.db.query('INSERT INTO group_members (group_id, user_id) VALUES ($1, $2)', [given, user?.id]);
  await logIn('follower', { groups: ['claimed'] });
  expect(await groupsOf('follower')).toEqual(['claimed', 'given']);
  await logIn('follower', {});
  expect(await groupsOf('follower')).toEqual(['given']);
  await registry.db.query('UPDATE principals SET disabled = true WHERE id = $1', [claimed]);
});

it.each<[string, TestPerson]>([
  ['a number', { groups: JSON.parse('7') }],
  ['a list with a number', { groups: JSON.parse('["odd", 7]') }],
  ['a name that PostgreSQL cannot hold', { groups: ['odd', 'o\0dd'] }],
])('gives nobody a group by a claim that is %s', async (label, groups) => {
  await addGroup(registry.db, 'odd').catch(() => undefined);
  const visit = await logIn(label, groups);
  expect(visit.status).toBe(200);
  expect(await groupsOf(label)).toEqual([]);
});

it('makes members of the admin group admins', async () => {
  const browser = createBrowser();
  await logIn('chief', { groups: ['platform'] }, browser);
  const page = `${registry.url}/docs`;
  const create = (name: string) =>
    browser.fetch(`${registry.url}/api/v1/spaces`, page, { method: 'POST', body: JSON.stringify({ name }) });
  expect((await create('by-chief')).status).toBe(201);
  await logIn('chief', { groups: [] }, browser);
  expect((await create('by-former-chief')).status).toBe(403);
});

it('records the user and the groups that a log-in changes, and nothing of one that changes nothing', async () => {
  const follow = createFollower(registry.admin);
  const subject = 'recorded';
  const changesOf = async (groups: string[]) => {
    await follow();
    expect((await logIn(subject, { preferred_username: subject, groups })).status).toBe(200);
    const events = (await follow()).filter(({ action }) => action !== 'login');
    for (const { principal, door } of events)
      expect([principal.kind, principal.name, door]).toEqual(['user', subject, 'api']);
    return events.map(({ action, details }) => ({ action, ...details }));
  };
  for (const name of ['painters', 'writers', 'singers']) await addGroup(registry.db, name);
  const by = 'provider';
  expect(await changesOf(['painters', 'nowhere'])).toEqual([
    { action: 'user.create', user: subject, issuer: provider.issuer, by },
    { action: 'group.change', group: 'painters', added: subject, by },
  ]);
  expect(await changesOf(['writers'])).toEqual([
    { action: 'group.change', group: 'painters', removed: subject, by },
    { action: 'group.change', group: 'writers', added: subject, by },
  ]);
  expect(await changesOf(['writers'])).toEqual([]);

  await registry.db.query("DELETE FROM principals WHERE kind = 'group' AND name = 'platform'");
  const joined = { action: 'group.change', group: 'platform', added: subject, by };
  expect(await changesOf(['writers', 'platform'])).toEqual([
    { action: 'group.create', group: 'platform', role: 'admin', by },
    joined,
  ]);
  // An admin of the registry has taken the role away, and the next log-in gives it back to all of the group.
  await registry.db.query("UPDATE principals SET registry_role = NULL WHERE name = 'platform'");
  expect(await changesOf(['writers', 'platform'])).toEqual([
    { action: 'group.change', group: 'platform', role: 'admin', by },
  ]);
  expect(await changesOf(['writers', 'platform'])).toEqual([]);
});

it('creates no user whose event cannot be recorded', async () => {
  onTestFinished(async () => void (await registry.db.query('DROP FUNCTION IF EXISTS break_audit CASCADE')));
  await registry.db.query(
    `CREATE FUNCTION break_audit() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN IF NEW.action = 'user.create' THEN RAISE EXCEPTION 'broken'; END IF; RETURN NEW; END $$`,
  );
  await registry.db.query(
    'CREATE TRIGGER broken BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION break_audit()',
  );
  const browser = createBrowser();
  expect((await logIn('unrecorded', {}, browser)).status).toBe(500);
  expect(browser.cookies('127.0.0.1').has(cookieName)).toBe(false);
  expect(await findUser('unrecorded')).toBeUndefined();
});

it('never takes over the name of another user', async () => {
  const local = await registry.addUser('ada');
  await logIn('ada-there', { preferred_username: 'Ada' });
  await logIn('ada-elsewhere', { preferred_username: 'ADA' });
  expect(await findUser('ada-there')).toMatchObject({ name: 'ada-2' });
  expect(await findUser('ada-elsewhere')).toMatchObject({ name: 'ada-3' });
  const rows = await registry.db.query('SELECT issuer, subject FROM principals WHERE id = $1', [local]);
  expect(rows).toEqual([{ issuer: null, subject: null }]);
  // A later log-in finds the user by its subject, whatever it is called by then.
  await logIn('ada-there', { preferred_username: 'root' });
  expect(await findUser('ada-there')).toMatchObject({ name: 'ada-2' });
});

it('creates one user of simultaneous first log-ins', async () => {
  const browsers = Array.from({ length: 4 }, createBrowser);
  const addresses = await Promise.all(browsers.map((browser) => goForCode(browser, 'twin')));
  const visits = await Promise.all(addresses.map((url, index) => browsers[index]?.open(url)));
  expect(visits.map((visit) => visit?.status)).toEqual([200, 200, 200, 200]);
  const users = await registry.db.query('SELECT 1 FROM principals WHERE subject = $1', ['twin']);
  expect(users).toHaveLength(1);
});

it('refuses a user who is disabled', async () => {
  await logIn('gone', {});
  await registry.db.query('UPDATE principals SET disabled = true WHERE subject = $1', ['gone']);
  const browser = createBrowser();
  const visit = await logIn('gone', {}, browser);
  expectRefused(visit, browser, 403);
  expect(visit.text).toContain('disabled');
});

const later = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

it.each<[string, (claims: JWTPayload) => Promise<string>]>([
  ['that is not signed', async (claims) => new UnsecuredJWT(claims).encode()],
  [
    'signed with a key of its own',
    async (claims) => {
      const { privateKey } = await generateKeyPair('RS256');
      return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'RS256' }).sign(privateKey);
    },
  ],
  [
    'signed with the secret of the client',
    (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(provider.clientSecret)),
  ],
  ['for another client', (claims) => provider.sign({ ...claims, aud: 'another' })],
  ['of another issuer', (claims) => provider.sign({ ...claims, iss: 'https://issuer.example.com' })],
  ['without a nonce', ({ nonce: _, ...claims }) => provider.sign(claims)],
  ['with the nonce of another log-in', (claims) => provider.sign({ ...claims, nonce: 'another' })],
  ['that is over', (claims) => provider.sign({ ...claims, iat: later(-7200), exp: later(-3600) })],
  ['without a subject', ({ sub: _, ...claims }) => provider.sign(claims)],
])('refuses an ID token %s', async (_, forge) => {
  const before = await sessionCount();
  provider.tamper((idToken) => forge(decodeJwt(idToken)));
  const browser = createBrowser();
  expectRefused(await logIn('victim', {}, browser), browser);
  expect(await sessionCount()).toBe(before);
  expect(await findUser('victim')).toBeUndefined();
});

it('takes a response once, also when it comes twice at the same moment', async () => {
  const browser = createBrowser();
  const url = await goForCode(browser, 'once');
  const before = await sessionCount();
  const cookies = [...browser.cookies('127.0.0.1')].map(([name, value]) => `${name}=${value}`).join('; ');
  const send = () => fetch(url, { headers: { Cookie: cookies }, redirect: 'manual' });
  const statuses = (await Promise.all([send(), send(), send()])).map(({ status }) => status);
  expect(statuses.sort()).toEqual([303, 401, 401]);
  expect((await send()).status).toBe(401);
  expect(await sessionCount()).toBe(before + 1);
});

it('refuses a code that was used, in a log-in of its own', async () => {
  const browser = createBrowser();
  const used = new URL(await goForCode(browser, 'replayed'));
  await browser.open(used.href);
  const thief = createBrowser();
  const own = new URL(await goForCode(thief, 'thief'));
  own.searchParams.set('code', used.searchParams.get('code') ?? '');
  expectRefused(await thief.open(own.href), thief);
});

it('refuses a response in a browser that did not begin the log-in', async () => {
  const attacker = createBrowser();
  const url = await goForCode(attacker, 'attacker');
  const victim = createBrowser();
  expectRefused(await victim.open(url), victim);
  // A request for the headers alone, as a preview of a link sends it, is refused too.
  const head = await fetch(url, { method: 'HEAD', redirect: 'manual' });
  expect([head.status, head.headers.getSetCookie()]).toEqual([401, []]);
  // The attempt is still its own browser's.
  expect((await attacker.open(url)).status).toBe(200);
});

it.each([
  ['an unknown state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
  ['no state', (url: URL) => url.searchParams.delete('state')],
  ['no code', (url: URL) => url.searchParams.delete('code')],
  ['two states', (url: URL) => url.searchParams.append('state', 'y')],
  ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://issuer.example.com')],
])('refuses a response with %s', async (_, change) => {
  const browser = createBrowser();
  const url = new URL(await goForCode(browser, 'changed'));
  change(url);
  expectRefused(await browser.open(url.href), browser);
});

it('shows the refusal of the provider in words of its own', async () => {
  const browser = createBrowser();
  const url = new URL(await goForCode(browser, 'refused'));
  url.searchParams.delete('code');
  url.searchParams.set('error', 'access_denied');
  url.searchParams.set('error_description', '<b>call the villain</b>');
  const visit = await browser.open(url.href);
  expectRefused(visit, browser);
  expect(visit.text).not.toContain('villain');
});

it('ends an attempt after its time', async () => {
  const browser = createBrowser();
  const url = await goForCode(browser, 'slow');
  await registry.db.query('UPDATE provider_attempts SET expires_at = now()');
  expectRefused(await browser.open(url), browser);
  // The next attempt removes those that are over.
  await createBrowser().open(`${registry.url}/login/oidc`, { follow: false });
  const rows = await registry.db.query('SELECT 1 FROM provider_attempts WHERE expires_at < now()');
  expect(rows).toEqual([]);
});

it('keeps the newest attempts of a network, and ends none of others', async () => {
  const newest = createBrowser();
  const other = createBrowser();
  const fromOther = await goForCode(other, 'elsewhere');
  await registry.db.query('UPDATE provider_attempts SET network = -1');
  await registry.db.query(
    `INSERT INTO provider_attempts (state_hash, challenge, nonce, return_path, expires_at, network)
     SELECT sha256(i::text::bytea), '', '', '/', now() + interval '1 minute' + i * interval '1 millisecond', $1
       FROM generate_series(1, 1500) i`,
    [hashTo16Bits('127.0.0.1/32')],
  );
  const url = await goForCode(newest, 'newest');
  const rows = await registry.db.query('SELECT 1 FROM provider_attempts WHERE network <> -1');
  expect(rows).toHaveLength(1_000);
  expect((await newest.open(url)).status).toBe(200);
  expect((await other.open(fromOther)).status).toBe(200);
});

it.each([
  '//evil.example.com',
  '/\\evil.example.com',
  '\\\\evil.example.com',
  'https://evil.example.com/',
  '/%2f/evil.example.com',
  '/%5cevil.example.com',
  '/.//evil.example.com',
  '/a/..//evil.example.com',
  '/%2e%2e//evil.example.com',
  '/\t/evil.example.com',
  '/%09/evil.example.com',
  '/%252f/evil.example.com',
  'javascript:alert(1)',
  'evil.example.com',
  '/docs\r\nX-Injected: 1',
])('returns home instead of to %j', async (returnPath) => {
  const visit = await logIn('returning', {}, createBrowser(), returnPath);
  expect(visit.trail.slice(-2)).toEqual([`${registry.url}/`, `${registry.url}/docs`]);
});

it('returns to a path of the registry with its query and fragment', async () => {
  const path = '/team/charts?name=a%2Fb&x=1#part';
  const visit = await logIn('returning', {}, createBrowser(), path);
  expect(visit.url).toBe(`${registry.url}${path}`);
});
