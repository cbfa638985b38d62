import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { writePasswordHash } from '../core/access/admin/users.ts';
import { hashPassword } from '../core/access/passwords.ts';
import { hashSecret, hashTo16Bits } from '../core/access/secrets.ts';
import { openSession, type PageSession } from './support/device-logins.ts';
import { type GuardedRegistry, startGuarded } from './support/guarded.ts';
import { startRegistry } from './support/registry.ts';
import { untilBlocked } from './support/until-blocked.ts';

let registry: GuardedRegistry;
let ana: string;
let page: PageSession;
beforeAll(async () => {
  registry = await startGuarded({}, { worker: false });
  await registry.addSpace('team', 'private');
  await registry.addSpace('other', 'private');
  ana = await registry.addUser('ana');
  await registry.setRole(ana, 'team', 'maintainer');
  page = await openSession(registry, ana);
});
afterAll(() => registry.close());

const codes = z.object({
  device_code: z.string().regex(/^[\w-]{43}$/),
  user_code: z.string().regex(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/),
  verification_uri: z.string(),
  verification_uri_complete: z.string(),
  expires_in: z.literal(600),
  interval: z.number(),
});
const collected = z.object({
  access_token: z.string().regex(/^hrt_/),
  token_type: z.literal('Bearer'),
  expires_in: z.number().positive(),
  token: z.object({ id: z.string(), name: z.string(), owner: z.string(), role: z.string().nullable() }),
});
const problem = z.looseObject({ code: z.string(), details: z.record(z.string(), z.unknown()).optional() });

const post = (path: string, body: object, headers = {}) =>
  registry.anonymous.api(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const begin = async (body: object = { client: 'command line on laptop' }) =>
  codes.parse(await (await post('/device', body)).json());
const poll = (device_code: string) => post('/device/token', { device_code });

/** Polls, and reads the code of the error. */
async function refusal(deviceCode: string): Promise<string> {
  const response = await poll(deviceCode);
  expect(response.status).toBe(400);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return problem.parse(await response.json()).code;
}

/** Lets the next poll come now. */
const forgetPolls = () => registry.db.query('UPDATE device_logins SET polled_at = NULL');

async function tokensOf(user: string): Promise<number> {
  const [row] = await registry.db.query<{ count: number }>(
    'SELECT count(*)::int FROM tokens WHERE principal_id = $1',
    [user],
  );
  return row?.count ?? 0;
}

async function actions(): Promise<string[]> {
  const rows = await registry.db.query<{ what: string }>(
    `SELECT action || ' ' || coalesce(principal, principal_kind) AS what FROM audit_events
      WHERE action LIKE 'device.%' OR details->>'by' = 'device' ORDER BY number`,
  );
  return rows.map(({ what }) => what).sort();
}

describe('the log-in of a command', () => {
  it('gives a token of the user who approves, within the bounds, once, and leaves records', async () => {
    const begun = await begin({ client: 'command line on laptop', expiresInDays: 30 });
    expect(begun.verification_uri).toBe(`${registry.url}/-/device`);
    expect(begun.verification_uri_complete).toBe(`${registry.url}/-/device?code=${begun.user_code}`);
    const response = await poll(begun.device_code);
    expect(response.headers.get('retry-after')).toBe(String(begun.interval));
    expect(problem.parse(await response.json())).toMatchObject({
      code: 'device.pending',
      details: { error: 'authorization_pending' },
    });

    // Case and hyphen do not matter to a user code.
    const typed = begun.user_code.replace('-', ' ').toLowerCase();
    const shown = await page.send('review', typed);
    expect(await shown.json()).toMatchObject({
      user_code: begun.user_code,
      client: 'command line on laptop',
      address: '127.0.0.1',
      expiresInDays: 30,
    });
    const approved = await page.send('approve', typed, { role: 'publisher', spaces: ['team'] });
    expect(approved.status).toBe(204);
    const { access_token, expires_in, token } = collected.parse(await (await poll(begun.device_code)).json());
    expect(token).toMatchObject({
      name: `command line on laptop, ${begun.user_code}`,
      owner: 'user:ana',
      role: 'publisher',
    });
    expect(expires_in).toBeGreaterThan(29 * 86_400);
    expect(expires_in).toBeLessThanOrEqual(30 * 86_400);
    const headers = { Authorization: `Bearer ${access_token}` };
    expect(await (await registry.anonymous.api('/whoami', { headers })).json()).toMatchObject({
      name: 'ana',
      spaces: [{ space: 'team', role: 'publisher' }],
    });
    // It is among the own tokens, and ends there.
    const listed = await registry.anonymous.api('/tokens', { headers: page.headers });
    expect(await listed.text()).toContain(token.id);
    const revoked = await registry.anonymous.api(`/tokens/${token.id}`, {
      method: 'DELETE',
      headers: page.headers,
    });
    expect(revoked.status).toBe(204);
    expect((await registry.anonymous.api('/whoami', { headers })).status).toBe(401);

    // Neither code is good for anything any more.
    expect(await refusal(begun.device_code)).toBe('device.expired');
    expect((await page.send('approve', typed)).status).toBe(404);
    await expect
      .poll(actions)
      .toEqual(['device.approve ana', 'device.request anonymous', 'token.create ana']);
  });

  it('keeps no secret that a reader of the database could use', async () => {
    const begun = await begin();
    const [row] = await registry.db.query<{ row: string }>(
      'SELECT d::text AS row FROM device_logins d WHERE device_hash = $1',
      [hashSecret(begun.device_code)],
    );
    expect(row?.row).toContain('command line on laptop');
    expect(row?.row).not.toContain(begun.device_code);
  });

  it('gives one token where two polls come at the same moment, and none twice', async () => {
    const begun = await begin();
    await page.send('approve', begun.user_code);
    const before = await tokensOf(ana);
    const responses = await Promise.all([1, 2, 3].map(() => poll(begun.device_code)));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect(await tokensOf(ana)).toBe(before + 1);
  });

  it('the log-in of a command is decided once, by the first of two who click at the same moment', async () => {
    const begun = await begin();
    const other = await openSession(registry, await registry.addUser('bea'));
    const statuses = await Promise.all([
      page.send('approve', begun.user_code),
      other.send('approve', begun.user_code),
      page.send('deny', begun.user_code),
    ]);
    expect(statuses.map(({ status }) => status).sort()).toEqual([204, 404, 404]);
  });

  it('gives nothing once it is denied', async () => {
    const begun = await begin();
    expect((await page.send('deny', begun.user_code)).status).toBe(204);
    expect(await refusal(begun.device_code)).toBe('device.denied');
    expect((await page.send('approve', begun.user_code)).status).toBe(404);
    expect(await refusal(begun.device_code)).toBe('device.denied');
    await expect.poll(actions).toContain('device.deny ana');
  });

  it('gives nothing of a user who was disabled or deleted since the approval', async () => {
    for (const [name, change] of [
      ['carl', 'UPDATE principals SET disabled = true WHERE id = $1'],
      ['cora', 'DELETE FROM principals WHERE id = $1'],
    ] as const) {
      const user = await registry.addUser(name);
      const begun = await begin();
      expect((await (await openSession(registry, user)).send('approve', begun.user_code)).status).toBe(204);
      await registry.db.query(change, [user]);
      expect(await refusal(begun.device_code)).toBe(name === 'carl' ? 'device.denied' : 'device.expired');
      expect(await tokensOf(user)).toBe(0);
      expect(await refusal(begun.device_code)).toBe('device.expired');
    }
  });

  it('tells a command that polls too often to slow down, by more each time', async () => {
    const begun = await begin();
    expect(await refusal(begun.device_code)).toBe('device.pending');
    // The time of the last poll is set, so that a slow machine is not taken for a patient command.
    const soon = () => registry.db.query("UPDATE device_logins SET polled_at = now() + interval '1 hour'");
    await soon();
    const first = await poll(begun.device_code);
    expect(problem.parse(await first.json())).toMatchObject({
      code: 'device.slowDown',
      details: { error: 'slow_down', retryAfterSeconds: begun.interval + 5 },
    });
    await soon();
    expect((await poll(begun.device_code)).headers.get('retry-after')).toBe(String(begun.interval + 10));
    await forgetPolls();
    expect(await refusal(begun.device_code)).toBe('device.pending');
  });

  it('ends after its time, approved or not, and the next log-in removes it', async () => {
    const [open, approved] = [await begin(), await begin()];
    await page.send('approve', approved.user_code);
    await registry.db.query("UPDATE device_logins SET expires_at = now() - interval '1 second'");
    expect([await refusal(open.device_code), await refusal(approved.device_code)]).toEqual([
      'device.expired',
      'device.expired',
    ]);
    expect((await page.send('review', open.user_code)).status).toBe(404);
    await begin();
    const rows = await registry.db.query('SELECT 1 FROM device_logins WHERE expires_at < now()');
    expect(rows).toEqual([]);
  });

  it('refuses names that could deceive, and days that no token may have', async () => {
    for (const body of [
      { client: '' },
      { client: ' ' },
      { client: 'a'.repeat(81) },
      { client: 'name\u202egnol' },
      { client: 'a\nb' },
      { client: 'laptop', expiresInDays: 100_000 },
      { client: 'laptop', more: true },
      {},
    ])
      expect((await post('/device', body)).status, JSON.stringify(body)).toBe(400);
  });

  it('keeps the newest of a network, and ends none of others', async () => {
    const other = await begin();
    await registry.db.query('UPDATE device_logins SET network = -1');
    await registry.db.query(
      `INSERT INTO device_logins (device_hash, user_code, client, address, network, expires_at, poll_seconds)
       SELECT sha256(i::text::bytea), 'filled ' || i, 'c', '', $1,
              now() + interval '1 minute' + i * interval '1 millisecond', 3
         FROM generate_series(1, 1200) i`,
      [hashTo16Bits('127.0.0.1/32')],
    );
    const newest = await begin();
    const rows = await registry.db.query('SELECT 1 FROM device_logins WHERE network <> -1');
    expect(rows.length).toBeLessThanOrEqual(1_000);
    for (const { user_code } of [other, newest])
      expect((await page.send('review', user_code)).status).toBe(200);
    await registry.db.query('DELETE FROM device_logins');
  });

  it('the log-in of a command is not offered by a registry with open access', async () => {
    const open = await startRegistry({}, { worker: false });
    const response = await open.api('/device', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ client: 'laptop' }),
    });
    expect([response.status, problem.parse(await response.json()).code]).toEqual([409, 'access.open']);
    await open.close();
  });
});

describe('a password that is changed', () => {
  let number = 0;
  const addUser = async () => {
    number += 1;
    const name = `pia-${number}`;
    const id = await registry.addUser(name);
    await setPassword(name, 'a sentence of several words');
    return { id, name, session: await openSession(registry, id) };
  };
  const setPassword = async (name: string, password: string | null) => {
    const body = JSON.stringify({ password });
    expect((await registry.admin.api(`/users/${name}`, { method: 'PATCH', body })).status).toBe(200);
  };

  it.each([
    ['changed', 'another sentence of several words'],
    ['taken away', null],
  ])('a password that is %s ends the log-ins that its user has approved, and no others', async (_, next) => {
    const user = await addUser();
    const [mine, anas] = [await begin(), await begin()];
    expect((await user.session.send('approve', mine.user_code)).status).toBe(204);
    expect((await page.send('approve', anas.user_code)).status).toBe(204);
    await setPassword(user.name, next);
    expect(await refusal(mine.device_code)).toBe('device.expired');
    expect(await tokensOf(user.id)).toBe(0);
    expect((await poll(anas.device_code)).status).toBe(200);
  });

  /** Changes the password of a user while a request waits for the user's row. @returns its answer */
  const changeWhile = async (id: string, send: () => Promise<Response>) => {
    const hash = await hashPassword('another sentence of several words');
    const sent: Promise<Response>[] = [];
    await registry.db.transaction(async (tx) => {
      await tx.query('SELECT FROM principals WHERE id = $1 FOR NO KEY UPDATE', [id]);
      sent.push(send());
      await untilBlocked(registry.db, tx);
      await writePasswordHash(tx, { id, issuer: null }, hash);
    });
    const [answer] = await Promise.all(sent);
    return { status: answer?.status, code: problem.parse(await answer?.json()).code };
  };

  it('a password that is changed ends a log-in whose command collects the token meanwhile', async () => {
    const user = await addUser();
    const begun = await begin();
    expect((await user.session.send('approve', begun.user_code)).status).toBe(204);
    expect(await changeWhile(user.id, () => poll(begun.device_code))).toEqual({
      status: 400,
      code: 'device.expired',
    });
    expect(await tokensOf(user.id)).toBe(0);
  });

  it('a password that is changed refuses an approval that waits for the change', async () => {
    const user = await addUser();
    const begun = await begin();
    expect(await changeWhile(user.id, () => user.session.send('approve', begun.user_code))).toEqual({
      status: 401,
      code: 'access.unauthenticated',
    });
    expect(await refusal(begun.device_code)).toBe('device.pending');
  });
});

describe('an approval', () => {
  it('needs the session of a browser: no token, no stranger, no foreign page, no GET', async () => {
    const begun = await begin();
    const body = { user_code: begun.user_code };
    const { text } = await registry.addToken(ana);
    const statusOf = async (headers: Record<string, string>) =>
      (await post('/device/approve', body, headers)).status;
    expect(await statusOf({ Authorization: `Bearer ${text}` })).toBe(403);
    expect(await statusOf({})).toBe(401);
    const { Cookie = '' } = page.headers;
    expect(await statusOf({ Cookie })).toBe(403);
    const foreign = { Cookie, Origin: 'https://evil.example.com', 'Sec-Fetch-Site': 'cross-site' };
    expect(await statusOf(foreign)).toBe(403);
    const link = new URL(begun.verification_uri_complete);
    const opened = await registry.anonymous.request(link.pathname + link.search, { headers: page.headers });
    expect(opened.status).toBe(200);
    expect(opened.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    for (const path of ['/device/approve', '/device/review', '/device'])
      expect((await registry.anonymous.api(path, { headers: page.headers })).status, path).toBe(405);
    expect(await refusal(begun.device_code)).toBe('device.pending');
  });

  it('gives no bounds wider than the rights of the user, and names no space that it may not read', async () => {
    const begun = await begin();
    const hidden = await page.send('approve', begun.user_code, { spaces: ['other'] });
    const absent = await page.send('approve', begun.user_code, { spaces: ['absent'] });
    expect([hidden.status, absent.status]).toEqual([404, 404]);
    expect((await hidden.text()).replace('other', 'absent')).toBe(await absent.text());
    expect((await page.send('approve', begun.user_code, { expiresInDays: 100_000 })).status).toBe(400);
    expect((await page.send('approve', begun.user_code, { role: 'owner' })).status).toBe(204);
    const { access_token } = collected.parse(await (await poll(begun.device_code)).json());
    const headers = { Authorization: `Bearer ${access_token}` };
    const who = await (await registry.anonymous.api('/whoami', { headers })).json();
    expect(who).toMatchObject({ spaces: [{ space: 'team', role: 'maintainer' }] });
  });

  it('answers strangers alike whether a code exists or not', async () => {
    const begun = await begin();
    const answerTo = async (user_code: string) => {
      const response = await post('/device/review', { user_code });
      return [response.status, await response.text()];
    };
    expect(await answerTo(begun.user_code)).toEqual(await answerTo('BBBB-BBBB'));
    expect(await refusal('x'.repeat(43))).toBe('device.expired');
    expect(await refusal('no code')).toBe('device.expired');
  });

  it('an approval is refused for a while after ten wrong codes, right ones too, to that user alone', async () => {
    const begun = await begin();
    const guesser = await openSession(registry, await registry.addUser('gus'));
    // Tests before this one have failures too.
    await registry.db.query('DELETE FROM login_failures');
    for (let tries = 0; tries < 10; tries += 1)
      expect((await guesser.send('review', 'BBBB-BBBB')).status).toBe(404);
    // The first delay is one second; a longer one makes the test independent of the machine.
    await registry.db.query(
      "UPDATE login_failures SET delayed_until = now() + interval '1 hour' WHERE delayed_until IS NOT NULL",
    );
    for (const step of ['review', 'approve', 'deny'] as const) {
      const response = await guesser.send(step, begun.user_code);
      expect(response.status).toBe(429);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(3_000);
    }
    // Names that a stranger types and networks have the buckets below: none of them can delay a typist.
    const [counted] = await registry.db.query<{ buckets: string }>(
      "SELECT string_agg(CASE WHEN bucket < 131072 THEN 'below' ELSE 'own' END, ' ') AS buckets FROM login_failures",
    );
    expect(counted?.buckets).toBe('own');
    // Somebody in the same network, and not the guesser, decides.
    expect((await guesser.send('review', begun.user_code)).status).toBe(429);
    expect((await page.send('review', begun.user_code)).status).toBe(200);
    await registry.db.query('DELETE FROM login_failures');
  });
});
