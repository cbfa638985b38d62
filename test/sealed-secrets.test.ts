import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { expect, it, onTestFinished } from 'vitest';
import { deliveriesOf, jobOf } from './support/answers.ts';
import { createClient, type TestClient } from './support/client.ts';
import { dumpDatabase, findSecret } from './support/dump.ts';
import { createPrincipals } from './support/guarded.ts';
import { createTestDatabase, type TestDatabase } from './support/postgres.ts';
import { cliOutput, type Served, serve } from './support/process.ts';

const makeSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const makeLine = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

/** Starts a receiver, which answers 500 to jobs that have failed and 204 to all others, and keeps their calls. */
async function startReceiver() {
  const calls = new Map<string, { headers: Record<string, string>; body: string }>();
  const server = createServer(async (request: IncomingMessage, response) => {
    const body = await text(request);
    const { type, data } = JSON.parse(body);
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    calls.set(data.chart, { headers: Object.fromEntries(headers), body });
    response.writeHead(type === 'job.failed' ? 500 : 204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/hook`, calls };
}

/** Makes a folder with a file of keys, and the environment of processes that use both. */
async function makeEnvironment({ url }: TestDatabase, keys: string) {
  const folder = await mkdtemp(join(tmpdir(), 'registry-sealed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const keyFile = join(folder, 'keys');
  await writeFile(keyFile, keys, { mode: 0o600 });
  const environment = {
    DATABASE_URL: url,
    DATA_DIR: join(folder, 'data'),
    AUTH_KEYS_FILE: keyFile,
    WEBHOOK_ALLOW: '127.0.0.0/8',
    LOG_LEVEL: 'trace',
  };
  return { keyFile, environment };
}

/** Starts a command, and collects its output. */
async function start(environment: Record<string, string>, command: string, log: string[]): Promise<Served> {
  const served = await serve(environment, command);
  for (const output of [served.process.stdout, served.process.stderr])
    output?.on('data', (chunk) => log.push(String(chunk)));
  return served;
}

const recipeOf = (chart: string, source: string, callback: { url: string; secret: string }) => ({
  save: { chart, version: '1.0.0' },
  configs: { package: { independent: true, space: 'lib', chart: source, version: '1.0.0' } },
  callback,
});

it.each(['open', 'guarded'])(
  'with ACCESS=%s no secret of a callback is in the database or the log, whatever becomes of its job',
  async (ACCESS) => {
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const { environment } = await makeEnvironment(database, makeLine('one'));
    const { db } = database;
    const receiver = await startReceiver();
    const log: string[] = [];
    const principals = createPrincipals(db, []);
    const token = await principals.addToken(await principals.addUser('root', 'admin'));
    const authorization = ACCESS === 'open' ? undefined : `Bearer ${token.text}`;
    const charts = ['queued', 'failing', 'cancelled', 'inline'];
    const secrets = new Map(charts.map((chart) => [chart, makeSecret()]));
    const found = async () => {
      const dump = await dumpDatabase(db);
      const texts = { dump, log: log.join('') };
      return [...secrets].flatMap(([chart, secret]) =>
        Object.entries(texts).flatMap(([name, where]) =>
          findSecret(where, secret).map((form) => `${name}: ${chart}, ${form}`),
        ),
      );
    };
    const submit = async (
      client: TestClient,
      chart: string,
      source: string,
      headers?: Record<string, string>,
    ) => {
      const recipe = recipeOf(chart, source, { url: receiver.url, secret: secrets.get(chart) ?? '' });
      const response = await client.orchestrate('lib', recipe, headers);
      return { status: response.status, job: headers && (await jobOf(response)) };
    };

    // Without sources in memory an API leaves recipes to workers, of which there is none yet.
    const api = await start({ ...environment, ACCESS, API_SOURCES: '0' }, 'api', log);
    const client = createClient([api.url], authorization);
    for (const name of ['web', 'gone']) expect((await client.upload('lib', { name })).status).toBe(201);
    await submit(client, 'queued', 'web', {});
    const { job: failing } = await submit(client, 'failing', 'gone', {});
    const { job: cancelled } = await submit(client, 'cancelled', 'web', {});
    const answer = await client.api(`/jobs/${cancelled?.id}`, { method: 'DELETE' });
    expect(answer.status).toBe(202);
    const stored = await db.query<{ chart: string; secret: string }>(
      `SELECT chart, coalesce(callback_secret, secret) AS secret FROM jobs LEFT JOIN deliveries ON job_id = jobs.id`,
    );
    expect(new Set(stored.map(({ chart }) => chart))).toEqual(new Set(['queued', 'failing', 'cancelled']));
    for (const { secret } of stored) expect(secret).toMatch(/^sealed\.v1\.one\./);
    expect(await found()).toEqual([]);

    const [source] = await db.query<{ digest: string }>(
      "SELECT digest FROM versions v JOIN charts c ON c.id = v.chart_id WHERE c.name = 'gone'",
    );
    const hex = source?.digest.slice('sha256:'.length) ?? '';
    await rm(join(environment.DATA_DIR, 'blobs', 'sha256', hex.slice(0, 2), hex));
    const all = await start({ ...environment, ACCESS }, 'serve', log);
    const inline = createClient([all.url], authorization);
    expect((await submit(inline, 'inline', 'web')).status).toBe(201);
    await expect
      .poll(() => [...receiver.calls.keys()].sort(), { timeout: 60_000 })
      .toEqual(charts.toSorted());
    for (const [chart, { headers, body }] of receiver.calls)
      new Webhook(secrets.get(chart) ?? '').verify(body, headers);
    const read = async () => deliveriesOf(await client.api(`/jobs/${failing?.id}/deliveries`));
    await expect.poll(async () => (await read()).items[0]?.attempts, { timeout: 60_000 }).not.toEqual([]);
    expect(await found()).toEqual([]);
    // A delivery that will be tried again has the only secret that is left.
    const left = () => db.query('SELECT 1 FROM deliveries WHERE secret IS NOT NULL');
    await expect.poll(async () => (await left()).length, { timeout: 60_000 }).toBe(1);
    expect(await Promise.all([api.end('SIGTERM'), all.end('SIGTERM')])).toEqual([0, 0]);
    expect(log.join('')).toContain('webhook delivered');
    expect(await found()).toEqual([]);
  },
);

it('migrate seals secrets with the newest key, so that the older one can go', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const [old, fresh] = [makeLine('old'), makeLine('fresh')];
  const { environment, keyFile } = await makeEnvironment(database, old);
  const receiver = await startReceiver();
  const log: string[] = [];
  const secret = makeSecret();
  const api = await start({ ...environment, API_SOURCES: '0' }, 'api', log);
  const client = createClient([api.url]);
  await client.upload('lib', { name: 'web' });
  await client.orchestrate('lib', recipeOf('made', 'web', { url: receiver.url, secret }), {});
  const storedSecret = async () => {
    const [row] = await database.db.query<{ secret: string }>('SELECT callback_secret AS secret FROM jobs');
    return row?.secret ?? '';
  };
  expect(await storedSecret()).toMatch(/^sealed\.v1\.old\./);
  expect(await api.end('SIGTERM')).toBe(0);

  await writeFile(keyFile, `${fresh}\n${old}\n`);
  expect((await cliOutput(['migrate'], environment)).code).toBe(0);
  expect(await storedSecret()).toMatch(/^sealed\.v1\.fresh\./);
  await writeFile(keyFile, fresh);
  const worker = await start(environment, 'worker', log);
  await expect.poll(() => receiver.calls.get('made'), { timeout: 60_000 }).toBeDefined();
  const { headers = {}, body = '' } = receiver.calls.get('made') ?? {};
  new Webhook(secret).verify(body, headers);
  expect(await worker.end('SIGTERM')).toBe(0);
});
