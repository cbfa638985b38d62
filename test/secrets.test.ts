import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { jobsOf } from './support/answers.ts';
import { createBrowser } from './support/browser.ts';
import { packChart } from './support/charts.ts';
import { chartForm, createClient, type TestClient } from './support/client.ts';
import { pageSession } from './support/device-logins.ts';
import { dumpDatabase, findSecret } from './support/dump.ts';
import { mirror, putMirror } from './support/mirrors.ts';
import { startOidcProvider, type TestProvider } from './support/oidc-provider.ts';
import { createTestDatabase, type TestDatabase } from './support/postgres.ts';
import { secretOf } from './support/principals.ts';
import { type Served, serve } from './support/process.ts';
import { createWebhooks } from './support/webhooks.ts';

const cookieName = 'helm-registry';
const audience = 'charts.example.com';
const randomText = () => randomBytes(32).toString('base64url');

let database: TestDatabase;
let provider: TestProvider;
let folder: string;
let registry: Served;
const log: string[] = [];
/** Bodies and headers of all responses but those that hand out a secret. */
const answers: string[] = [];
/** Secrets by what they are. */
const secrets = new Map<string, string>();
/** Codes of log-ins of commands that a browser compares: the database has them, nothing else may show them. */
const userCodes: string[] = [];
/** Whole texts of tokens. Their prefixes are what they are known by where they do not belong. */
const tokenTexts: string[] = [];

const passwords = { first: randomText(), own: randomText(), changed: randomText(), reset: randomText() };
const keyOfFile = randomBytes(32).toString('base64');
const upstream = { password: randomText(), realm: randomText() };
/** Parts of addresses that are called: chat services have their secrets there. */
const hook = { path: randomText(), query: randomText(), ofSpace: randomText(), pathOfSpace: randomText() };
const callbackSecret = `whsec_${randomBytes(32).toString('base64')}`;

beforeAll(async () => {
  database = await createTestDatabase();
  provider = await startOidcProvider();
  folder = await mkdtemp(join(tmpdir(), 'registry-secrets-'));
  await writeFile(join(folder, 'password'), passwords.first);
  await writeFile(join(folder, 'client'), `${provider.clientSecret}\n`);
  await writeFile(join(folder, 'keys'), `one:${keyOfFile}`, { mode: 0o600 });
  registry = await serve({
    DATABASE_URL: database.url,
    DATA_DIR: join(folder, 'data'),
    ACCESS: 'guarded',
    ADMIN_PASSWORD_FILE: join(folder, 'password'),
    AUTH_KEYS_FILE: join(folder, 'keys'),
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: provider.clientId,
    OIDC_CLIENT_SECRET_FILE: join(folder, 'client'),
    WEBHOOK_ALLOW: '127.0.0.0/8',
    LOG_LEVEL: 'trace',
  });
  for (const output of [registry.process.stdout, registry.process.stderr])
    output?.on('data', (chunk) => log.push(String(chunk)));
  provider.serve([`${registry.url}/login/callback`]);
});
afterAll(async () => {
  await registry.end('SIGTERM');
  await provider.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const clientOf = (authorization?: string) => createClient([registry.url], authorization);

/** Keeps what a client could read of a response. @returns its status */
async function keep(response: Response): Promise<number> {
  answers.push(JSON.stringify([...response.headers]), await response.text());
  return response.status;
}

/** Sends a request with a JSON body. */
const send = (client: TestClient, method: string, path: string, body?: object) =>
  client.api(path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });

const tokenShape = z.object({ id: z.string(), token: z.string() });
const signatureOf = (jwt: string) => jwt.split('.').at(-1) ?? '';

/** Makes users, tokens and webhooks, and uses them. Every secret is noted. */
async function useSecrets(): Promise<void> {
  for (const [name, password] of Object.entries(passwords)) secrets.set(`the ${name} password`, password);
  secrets.set('the secret of the client at the provider', provider.clientSecret);
  secrets.set('the key of the file', keyOfFile);
  secrets.set('the secret of the callback', callbackSecret);
  secrets.set('the path of the callback', hook.path).set('the query of the callback', hook.query);
  secrets.set('the path of a webhook', hook.pathOfSpace).set('the query of a webhook', hook.ofSpace);
  secrets.set("the password of a mirror's upstream", upstream.password);
  secrets.set('the realm of the upstream', upstream.realm);
  const admin = clientOf(basic('admin', passwords.first));
  expect(await keep(await send(admin, 'POST', '/users', { name: 'ana', password: passwords.own }))).toBe(201);
  const change = { old: passwords.own, new: passwords.changed };
  const changed = await send(clientOf(basic('ana', passwords.own)), 'PUT', '/whoami/password', change);
  expect(await keep(changed)).toBeLessThan(300);
  expect(await keep(await send(admin, 'POST', '/users', { name: 'ben', password: passwords.own }))).toBe(201);
  expect(await keep(await send(admin, 'PATCH', '/users/ben', { password: passwords.reset }))).toBe(200);

  expect(await keep(await send(admin, 'POST', '/spaces?space=team'))).toBe(201);
  expect(await keep(await send(admin, 'PUT', '/spaces/team/members/user:ana', { role: 'owner' }))).toBe(200);
  const ana = clientOf(basic('ana', passwords.changed));
  const made = tokenShape.parse(await (await send(ana, 'POST', '/tokens', { name: 'ci' })).json());
  const rotated = tokenShape.parse(await (await send(ana, 'POST', `/tokens/${made.id}/rotate`, {})).json());
  tokenTexts.push(rotated.token);
  secrets.set('a token', secretOf(rotated.token)).set('the former secret of the token', secretOf(made.token));
  for (const { token } of [made, rotated])
    expect(await keep(await clientOf(`Bearer ${token}`).api('/whoami'))).toBe(200);
  expect(await keep(await send(ana, 'GET', '/tokens'))).toBe(200);

  const scoped = await clientOf(basic('x', rotated.token)).request(
    '/v2/token?scope=repository:team/web:pull',
  );
  const registryToken = z.object({ token: z.string() }).parse(await scoped.json()).token;
  tokenTexts.push(registryToken);
  secrets.set('a registry token', signatureOf(registryToken));
  expect(await keep(await clientOf(`Bearer ${registryToken}`).request('/v2/'))).toBe(200);

  expect(
    await keep(await send(ana, 'POST', '/spaces/team/accounts', { name: 'ci', role: 'publisher' })),
  ).toBe(201);
  const rule = { issuer: provider.issuer, audience, claims: { ref: 'main' } };
  expect(await keep(await send(ana, 'POST', '/spaces/team/accounts/ci/trust-rules', rule))).toBe(201);
  const exp = Math.floor(Date.now() / 1000) + 300;
  const job = await provider.sign({ iss: provider.issuer, sub: 's', aud: audience, ref: 'main', exp });
  tokenTexts.push(job);
  secrets.set('the token of a job', signatureOf(job));
  // Nothing listens there, so the deliveries of the upload stay to be tried again.
  const { secret: signing = '' } = await createWebhooks(ana, 'team').add({
    url: `http://127.0.0.1:9/${hook.pathOfSpace}?key=${hook.ofSpace}`,
    events: ['*'],
  });
  secrets.set('the secret that the registry makes for a webhook', signing);
  const archive = chartForm(await packChart({ name: 'web' }));
  const upload = { method: 'POST', body: archive };
  expect(await keep(await clientOf(`Bearer ${job}`).api('/spaces/team/charts', upload))).toBe(201);

  const recipe = {
    save: { chart: 'made', version: '1.0.0' },
    configs: { package: { independent: true, space: 'team', chart: 'web', version: '1.0.0' } },
    // Nothing listens there, so the delivery stays to be tried again.
    callback: { url: `http://127.0.0.1:9/${hook.path}?key=${hook.query}`, secret: callbackSecret },
  };
  expect(await keep(await ana.orchestrate('team', recipe))).toBe(201);
  expect(await keep(await send(ana, 'GET', '/jobs?space=team'))).toBe(200);
  // The path of a callback is shown to those who may manage it, its query to nobody.
  const reader = clientOf(`Bearer ${job}`);
  const { items } = await jobsOf(await ana.api('/jobs?space=team'));
  const deliveries = `/jobs/${items[0]?.id}/deliveries`;
  const shown = await (await ana.api(deliveries)).text();
  expect(shown).toContain(`http://127.0.0.1:9/${hook.path}?key=***`);
  expect(await keep(await reader.api(deliveries))).toBe(200);
  const webhooks = await (await send(ana, 'GET', '/spaces/team/webhooks')).text();
  expect(webhooks).toContain(`http://127.0.0.1:9/${hook.pathOfSpace}?key=***`);
  // The audit is for others too.
  expect(await keep(await send(ana, 'GET', '/audit?space=team&limit=100'))).toBe(200);
  const follow = { callback: recipe.callback };
  expect(await keep(await send(ana, 'PUT', '/spaces/team/charts/made/follow', follow))).toBe(200);
}

const upstreamCredentials = () => ({
  username: 'reader',
  password: upstream.password,
  realm: `https://auth.example.com/${upstream.realm}`,
});

/** Has a mirror send its credentials to an upstream that refuses them: the registry itself. */
async function useMirror(): Promise<void> {
  const admin = clientOf(basic('admin', passwords.first));
  const url = `oci://${new URL(registry.url).host}/team`;
  const wanted = { url, plainHttp: true, charts: ['web'], every: null, credentials: upstreamCredentials() };
  expect(await mirror(admin, 'copy', wanted)).toMatchObject({ error: { code: 'upstream.denied' } });
  for (const path of ['/spaces/copy/mirror', '/spaces/copy/mirror/runs', '/audit?limit=100'])
    expect(await keep(await admin.api(path))).toBe(200);
}

const begunShape = z.object({ device_code: z.string(), user_code: z.string() });
const collectedShape = z.object({ access_token: z.string() });

/** Logs a command in by a browser, and begins a second log-in that stays open. */
async function useCodes(session: string): Promise<void> {
  const nobody = clientOf();
  const page = pageSession(registry.url, `${cookieName}=${session}`);
  const begin = async () => {
    const begun = await (await send(nobody, 'POST', '/device', { client: 'laptop' })).json();
    const { device_code, user_code } = begunShape.parse(begun);
    userCodes.push(user_code, user_code.replace('-', ''));
    // The page of the link, which has its code for the way back from the log-in.
    expect((await nobody.request(`/-/device?code=${user_code}`)).status).toBe(200);
    return { device_code, user_code };
  };
  const [used, open] = [await begin(), await begin()];
  secrets.set('a device code', used.device_code).set('an open device code', open.device_code);
  expect(await keep(await page.send('approve', used.user_code))).toBe(204);
  const collect = () => send(nobody, 'POST', '/device/token', { device_code: used.device_code });
  const { access_token } = collectedShape.parse(await (await collect()).json());
  secrets.set('the token that a command collects', secretOf(access_token));
  expect(await keep(await clientOf(`Bearer ${access_token}`).api('/spaces'))).toBe(200);
  // Codes that are over or not right are shown by no error either.
  expect(await keep(await collect())).toBe(400);
  expect(await keep(await page.send('approve', used.user_code))).toBe(404);
  expect(await keep(await page.send('approve', `${open.user_code}X`))).toBeOneOf([400, 404]);
  expect(await keep(await page.send('approve', open.user_code, { spaces: ['absent'] }))).toBe(404);
  expect(await keep(await nobody.api(`/device/approve?user_code=${open.user_code}`))).toBe(405);
}

/** Logs in by the form and at the provider, and notes what the browser keeps. */
async function logIn(): Promise<void> {
  const form = createBrowser();
  const page = `${registry.url}/login`;
  const visit = await form.post(page, { name: 'ana', password: passwords.changed }, page);
  answers.push(visit.text);
  secrets.set('a session', form.cookies('127.0.0.1').get(cookieName) ?? '');
  const browser = createBrowser();
  provider.people.set('s', { preferred_username: 'sam' });
  provider.logsIn('s');
  let url = `${registry.url}/login/oidc`;
  while (!url.startsWith(`${registry.url}/login/callback`)) {
    const { headers } = await browser.open(url, { follow: false });
    for (const [name, value] of browser.cookies('127.0.0.1'))
      if (name.startsWith(`${cookieName}-login-`)) secrets.set('the cookie of an attempt', value);
    url = new URL(headers.get('location') ?? '', url).href;
  }
  secrets.set('the code of the provider', new URL(url).searchParams.get('code') ?? '');
  answers.push((await browser.open(url)).text);
  secrets.set("a session of the provider's user", browser.cookies('127.0.0.1').get(cookieName) ?? '');
}

/** Sends a secret where it does not belong, or where it is no longer right. */
async function misuse(secret: string): Promise<void> {
  const nobody = clientOf();
  const admin = clientOf(basic('admin', passwords.first));
  const encoded = encodeURIComponent(secret);
  const own = { Origin: registry.url, 'Sec-Fetch-Site': 'same-origin' };
  const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) });
  const grant = { grant_type: 'password', username: 'ana' };
  const responses = await Promise.all([
    ...[`Bearer ${secret}`, `Bearer hrt_${secret}`, secret, `Digest ${secret}`].map((header) =>
      clientOf(header).api('/spaces'),
    ),
    ...[basic(secret, ''), basic(secret, 'x'), basic('', secret), basic('ana', `${secret}x`)].map((header) =>
      clientOf(header).request('/v2/'),
    ),
    nobody.api('/spaces', { headers: { Cookie: `${cookieName}=${secret}x` } }),
    nobody.api('/spaces', { headers: { Authorization: 'Bearer x', 'User-Agent': `curl hrt_0_${secret}` } }),
    nobody.request(`/hrt_0_${encoded}/index.yaml?token=${encoded}`),
    nobody.request(`/v2/team/web/tags/list?access_token=${encoded}`),
    nobody.request('/v2/token', form({ ...grant, password: `${secret}x` })),
    nobody.request('/v2/token', form({ grant_type: 'refresh_token', refresh_token: secret })),
    nobody.request('/login', { ...form({ name: 'ana', password: `${secret}x` }), headers: own }),
    nobody.request(`/login/callback?state=${encoded}&code=${encoded}`),
    nobody.request(`/login/callback?state=x&error=${encoded}&error_description=${encoded}`),
    send(admin, 'PUT', '/whoami/password', { old: `${secret}x`, new: `${secret}y` }),
    send(admin, 'POST', '/users', { name: 'eve', password: secret, pasword: secret }),
    send(admin, 'POST', '/tokens', { name: 'x', secret }),
    send(nobody, 'POST', '/device/token', { device_code: `${secret}x` }),
    send(nobody, 'POST', '/device/token', { device_code: [secret] }),
    send(admin, 'POST', '/spaces/team/webhooks', { url: 'ftp://127.0.0.1/', events: ['*'], secret }),
    putMirror(admin, 'team', { url: 'oci://127.0.0.1:9/x', credentials: { username: 'x', pasword: secret } }),
    putMirror(admin, 'team', {
      url: 'oci://127.0.0.1:9/x',
      credentials: { username: 'x', password: secret, realm: secret },
    }),
    send(admin, 'PATCH', '/users/nobody', { password: `${secret} of nobody` }),
    admin.api('/users', { method: 'POST', body: `{"name": "eve", "password": ${secret}` }),
    admin.api('/users', { method: 'POST', body: `{"name": "eve", "password": "${secret}" "` }),
    admin.orchestrate('team', { save: {}, callback: { url: 'http://127.0.0.1/', secret: [secret] } }),
    admin.orchestrate('team', { save: {}, callback: { url: 'ftp://127.0.0.1/', secret } }),
    admin.orchestrate('team', `{"callback": {"secret": "${secret}" oops`),
  ]);
  const statuses = await Promise.all(responses.map(keep));
  expect(statuses.filter((status) => status < 400 || status >= 500)).toEqual([]);
}

/** Sends the text of a token in paths of every door, in names, and as the id of a request. */
async function misuseInPaths(token: string): Promise<void> {
  const admin = clientOf(basic('admin', passwords.first));
  const encoded = token.replaceAll('_', '%5f').replaceAll('.', '%2e');
  const twice = encoded.replaceAll('%', '%25');
  const forms = [token, encoded, twice, token.replace('hrt_', 'HRT_'), token.replace('hrt_', '%68rt_')];
  const pathsOf = (text: string) => [
    ...[`/api/v1/nothing/${text}`, `/api/v1/spaces/${text}/charts/web`, `/api/v1/spaces/team/charts/${text}`],
    ...[`/api/v1/spaces/team/members/user:${text}`, `/api/v1/jobs/${text}`, `/api/v1/tokens/${text}`],
    ...[`/${text}/index.yaml`, `/team/${text}`, `/team/charts/${text}.tgz`, `/api/${text}/charts/web`],
    ...[`/api/team/charts/${text}`, `/v2/${text}`, `/v2/team/web/manifests/${text}`, `/v2/${text}/tags/list`],
    ...[`/-/assets/${text}`, `/docs/${text}`],
  ];
  const ask = async (path: string) => {
    const response = await admin.request(path, { method: 'PUT', headers: { 'X-Request-Id': token } });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await keep(response), path).toBeGreaterThanOrEqual(400);
    await keep(await admin.request(path));
  };
  for (const form of forms) await Promise.all(pathsOf(form).map(ask));
}

it('no secret is in the database, the log or an answer, used rightly and wrongly', async () => {
  await useSecrets();
  await logIn();
  await useMirror();
  await useCodes(secrets.get('a session') ?? '');
  for (const secret of [...secrets.values()]) {
    expect(secret.length).toBeGreaterThan(20);
    await misuse(secret);
  }
  expect(tokenTexts).toHaveLength(3);
  for (const token of tokenTexts) await misuseInPaths(token);
  const texts = { database: await dumpDatabase(database.db), log: log.join(''), answers: answers.join('\n') };
  // Each place has what it is searched for: users, lines of requests, and refusals.
  expect(texts.database).toContain('sealed.v1.one.');
  expect(texts.log).toContain('"code":"access.unauthenticated"');
  expect(texts.answers).toContain('"code":"access.unauthenticated"');
  const found = Object.entries(texts).flatMap(([place, text]) =>
    [...secrets].flatMap(([name, secret]) =>
      findSecret(text, secret).map((form) => `${place}: ${name}, ${form}`),
    ),
  );
  expect(found).toEqual([]);
  // A token is named by the code that its owner compared, which is good for nothing by then.
  for (const code of userCodes)
    expect([texts.log.includes(code), texts.answers.includes(code)], code).toEqual([false, false]);
});
