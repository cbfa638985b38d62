import { createHash, randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createActor } from '../core/access/actor.ts';
import { createPasswordUserFinder, replacePasswordHash } from '../core/access/password-users.ts';
import type { Caller } from '../core/access/principal.ts';
import { beginSession, endSession } from '../core/access/sessions.ts';
import { deleteChart } from '../core/registry/charts.ts';
import type { RegistryDeps } from '../core/registry/registry.ts';
import { deleteSpace } from '../core/registry/spaces.ts';
import { deleteVersion } from '../core/registry/versions.ts';
import { createInlineComposition } from '../worker/compose-chart.ts';
import { errorOf, jobOf, namesOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { chartForm, createClient, type TestClient } from './support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { readEvents } from './support/event-stream.ts';
import { createPrincipals, type TestToken } from './support/guarded.ts';
import { createHandWorker, type HandWorker } from './support/hand-worker.ts';
import { openRepository } from './support/oci.ts';
import { startOidcProvider, type TestProvider } from './support/oidc-provider.ts';
import { addTrustRule } from './support/principals.ts';
import { beginSlowUpload } from './support/slow-upload.ts';

// Rights that go between the acceptance of a recipe and the end of its job, on both roads.

let registry: EmbeddedRegistry;
let principals: ReturnType<typeof createPrincipals>;
let admin: TestClient;
let worker: HandWorker;
let provider: TestProvider;

beforeAll(async () => {
  registry = await startEmbedded({ access: 'guarded' }, { worker: false });
  principals = createPrincipals(registry.db, registry.urls);
  admin = (await principals.addToken(await principals.addUser('root', 'admin'))).client;
  worker = createHandWorker(registry.context);
  provider = await startOidcProvider();
  provider.serve(['http://127.0.0.1/unused']);
});
afterAll(async () => {
  await provider.close();
  await worker.close();
  await registry.close();
});

let author: string;
let token: TestToken;
let from: string;
let into: string;
let number = 0;
beforeEach(async () => {
  number += 1;
  [from, into] = [`from-${number}`, `into-${number}`];
  author = await principals.addUser(`ana-${number}`);
  token = await principals.addToken(author);
  await makeSource();
  await makeTarget();
});

async function makeSource() {
  await principals.addSpace(from, 'private');
  await principals.setRole(author, from, 'reader');
  expect((await admin.upload(from, await packChart({ name: 'web' }))).status).toBe(201);
}
async function makeTarget() {
  await principals.addSpace(into, 'private');
  await principals.setRole(author, into, 'publisher');
}
const remove = (space: string) => registry.db.query('DELETE FROM spaces WHERE name = $1', [space]);
const recipe = () => ({
  save: { chart: 'shop', version: '1.0.0' },
  configs: { package: { independent: true, space: from, chart: 'web', version: '1.0.0' } },
});
const change = (sql: string, ...params: unknown[]) => registry.db.query(sql, params);

/** Ways in which a right goes, and the right that the error names. */
const losses: [string, string, () => Promise<unknown>][] = [
  ['the role in the target', 'chart.publish', () => principals.setRole(author, into, 'reader')],
  ['the role in the source', 'chart.read', () => principals.setRole(author, from, undefined)],
  [
    'the principal',
    'chart.publish',
    () => change('UPDATE principals SET disabled = true WHERE id = $1', author),
  ],
  [
    'the token, revoked',
    'chart.publish',
    () => change('UPDATE tokens SET revoked_at = now() WHERE id = $1', token.id),
  ],
  [
    'the token, expired',
    'chart.publish',
    () => change('UPDATE tokens SET expires_at = now() WHERE id = $1', token.id),
  ],
  [
    'a part of the token',
    'chart.read',
    () =>
      change('UPDATE tokens SET role = $2, in_spaces = true WHERE id = $1', token.id, 'publisher').then(() =>
        change('INSERT INTO token_spaces SELECT $1, id FROM spaces WHERE name = $2', token.id, into),
      ),
  ],
  [
    'the charts of the token',
    'chart.publish',
    () => change("UPDATE tokens SET charts = '{web}' WHERE id = $1", token.id),
  ],
  ['the source, made again', 'chart.read', () => remove(from).then(makeSource)],
  ['the target, made again', 'chart.publish', () => remove(into).then(makeTarget)],
  ['the target', 'chart.publish', () => remove(into)],
  [
    'the privacy of the target',
    'chart.disclose',
    () => change("UPDATE spaces SET visibility = 'internal' WHERE name = $1", into),
  ],
];

/** Pushes an artifact under a tag that the composed version will hide, which needs the right to replace it. */
async function pushHiddenTag() {
  await principals.setRole(author, into, 'maintainer');
  const { response } = await openRepository(admin, `${into}/shop`).pushArtifact('1.0.0', 'layer');
  expect(response.status).toBe(201);
}

const chartsIn = async (space: string) => {
  const response = await admin.api(`/spaces/${space}/charts`);
  return response.status === 404 ? [] : (await namesOf(response)).items;
};

/** Offers inline composition, after which a right goes. */
function offer(lose: () => Promise<unknown>) {
  const withdraw = registry.context.jobs.compositionSlots.offer(async (plan) => {
    const composed = await createInlineComposition(registry.context.jobs, worker.sources.load)(plan);
    await lose();
    return composed;
  });
  onTestFinished(withdraw);
}

/** Checks that a version has its author, and that the audit has events of its job, by their doors. */
async function expectRecorded(job: string, actions: Record<string, string>) {
  const name = `ana-${number}`;
  const authors = await registry.db.query(
    `SELECT v.author_id AS id, v.author AS name FROM versions v JOIN charts c ON c.id = v.chart_id
       JOIN spaces s ON s.id = c.space_id WHERE s.name = $1`,
    [into],
  );
  expect(authors).toEqual([{ id: author, name }]);
  const events = await registry.db.query(
    'SELECT action, door, principal, token_id AS token, space FROM audit_events WHERE job_id = $1 ORDER BY action',
    [job],
  );
  expect(events).toEqual(
    Object.entries(actions).map(([action, door]) => ({
      action,
      door,
      principal: name,
      token: token.id,
      space: into,
    })),
  );
}

describe('a job that waits in the queue', () => {
  const accept = async () => {
    const response = await token.client.orchestrate(into, recipe(), { Prefer: 'wait=0' });
    expect(response.status).toBe(202);
    return (await jobOf(response)).id;
  };
  /** Runs a job as a worker does. */
  const run = (id: string) => worker.run(id);
  const read = async (id: string) => jobOf(await admin.api(`/jobs/${id}`));

  it('succeeds while its author keeps the rights', async () => {
    const id = await accept();
    await run(id);
    expect((await read(id)).state).toBe('succeeded');
    await expectRecorded(id, { 'job.submit': 'api', 'version.publish': 'worker' });
  });

  it.each(losses)('fails when %s is gone, and is not tried again', async (_, right, lose) => {
    const id = await accept();
    await lose();
    await run(id);
    const job = await read(id);
    expect(job).toMatchObject({
      state: 'failed',
      attempts: 1,
      error: { code: 'access.denied', details: { right } },
    });
    expect(job.error?.message).not.toContain(from);
    expect(await chartsIn(into)).toEqual([]);
    const locks = await registry.db.query('SELECT FROM locks WHERE holder = $1', [id]);
    expect(locks).toEqual([]);
  });

  it('hides a tag while its author may replace it, and fails afterwards', async () => {
    await pushHiddenTag();
    const refused = await accept();
    await principals.setRole(author, into, 'publisher');
    await run(refused);
    expect(await read(refused)).toMatchObject({
      state: 'failed',
      error: { code: 'access.denied', details: { right: 'chart.replace' } },
    });
    expect(await chartsIn(into)).toEqual([]);
    await principals.setRole(author, into, 'maintainer');
    const allowed = await accept();
    await run(allowed);
    expect((await read(allowed)).state).toBe('succeeded');
  });

  it('fails when the role goes while the job runs', async () => {
    const id = await accept();
    const { jobs } = registry.context;
    const finish: typeof jobs.finish = async (finished) => {
      await principals.setRole(author, from, undefined);
      return jobs.finish(finished);
    };
    await worker.run(id, { ...jobs, finish });
    expect(await read(id)).toMatchObject({ state: 'failed', error: { code: 'access.denied' } });
    expect(await chartsIn(into)).toEqual([]);
  });

  it('a job that waits in the queue does not take others that end with it along', async () => {
    const refused = await accept();
    const other = await token.client.orchestrate(
      into,
      { ...recipe(), save: { chart: 'cart', version: '1.0.0' } },
      { Prefer: 'wait=0' },
    );
    const allowed = (await jobOf(other)).id;
    await change("UPDATE tokens SET charts = '{cart,web}' WHERE id = $1", token.id);
    await Promise.all([run(refused), run(allowed)]);
    expect((await read(refused)).state).toBe('failed');
    expect((await read(allowed)).state).toBe('succeeded');
    expect(await chartsIn(into)).toEqual(['cart']);
  });

  it('fails when it was accepted with open access', async () => {
    const id = await accept();
    await change('UPDATE jobs SET author_id = NULL, author = NULL, token_id = NULL WHERE id = $1', id);
    await run(id);
    expect(await read(id)).toMatchObject({ state: 'failed', error: { code: 'access.denied' } });
  });
});

describe('a recipe that is composed while its request waits', () => {
  it('a recipe that is composed while its request waits is stored while its author keeps the rights', async () => {
    offer(async () => undefined);
    expect((await token.client.orchestrate(into, recipe())).status).toBe(201);
    const [job] = await registry.db.query<{ id: string }>(
      'SELECT id, author_id AS author, token_id AS token FROM jobs WHERE space = $1',
      [into],
    );
    expect(job).toMatchObject({ author, token: token.id });
    await expectRecorded(job?.id ?? '', { 'version.publish': 'api' });
  });

  it.each(losses.filter(([name]) => name !== 'the target'))(
    'a recipe that is composed while its request waits is refused when %s is gone',
    async (_, right, lose) => {
      offer(lose);
      const response = await token.client.orchestrate(into, recipe());
      expect(response.status).toBe(403);
      expect(await errorOf(response)).toMatchObject({ code: 'access.denied', details: { right } });
      expect(await chartsIn(into)).toEqual([]);
      expect(await registry.db.query('SELECT FROM jobs WHERE space = $1', [into])).toEqual([]);
    },
  );

  it('a recipe that is composed while its request waits is refused when it would hide a tag that its author may not replace any more', async () => {
    await pushHiddenTag();
    offer(() => principals.setRole(author, into, 'publisher'));
    const response = await token.client.orchestrate(into, recipe());
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toMatchObject({
      code: 'access.denied',
      details: { right: 'chart.replace' },
    });
    expect(await chartsIn(into)).toEqual([]);
  });

  it('a recipe that is composed while its request waits does not take others that are stored with it along', async () => {
    const loser = token;
    let waiting = 0;
    let release: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    offer(async () => {
      waiting += 1;
      if (waiting === 2) {
        await change("UPDATE tokens SET charts = '{cart,web}' WHERE id = $1", loser.id);
        release();
      }
      await both;
    });
    const [refused, allowed] = await Promise.all([
      loser.client.orchestrate(into, recipe()),
      loser.client.orchestrate(into, { ...recipe(), save: { chart: 'cart', version: '1.0.0' } }),
    ]);
    expect([refused.status, allowed.status]).toEqual([403, 201]);
  });
});

describe('work that was begun without a token', () => {
  const password = 'a sentence of several words';
  const setPassword = async (next: string) => {
    const body = JSON.stringify({ password: next });
    const { status } = await admin.api(`/users/ana-${number}`, { method: 'PATCH', body });
    expect(status).toBe(200);
  };
  const beginWithPassword = async () => {
    await setPassword(password);
    const basic = Buffer.from(`ana-${number}:${password}`).toString('base64');
    return createClient(registry.urls, `Basic ${basic}`);
  };
  const beginSessionOf = async () => {
    const session = await beginSession(registry.db, author, 3600);
    if (!session) throw new Error('no session was begun');
    return session.secret;
  };
  const browserOf = (secret: string) =>
    createClient(registry.urls, undefined, {
      Cookie: `helm-registry=${secret}`,
      Origin: registry.url,
    });
  const beginInBrowser = async () => {
    await setPassword(password);
    return browserOf(await beginSessionOf());
  };
  const beginAsCiJob = async () => {
    const claims = { repository_id: `${number}` };
    const audience = 'https://charts.example.com';
    const [account] = await registry.db.query<{ id: string }>(
      "INSERT INTO principals (kind, name) VALUES ('account', $1) RETURNING id",
      [`ci-${number}`],
    );
    author = account?.id ?? '';
    await principals.setRole(author, from, 'reader');
    await principals.setRole(author, into, 'publisher');
    const rule = await addTrustRule(registry.db, author, { issuer: provider.issuer, audience, claims });
    const now = Math.floor(Date.now() / 1000);
    const issued = { iss: provider.issuer, sub: 'job', aud: audience, iat: now, exp: now + 300, ...claims };
    return { client: createClient(registry.urls, `Bearer ${await provider.sign(issued)}`), rule };
  };

  const weakHash = () => hash(password, { memoryCost: 1024, timeCost: 1 });
  /** Lets a log-in make a hash of another cost anew. */
  const hashAnew = async (basic: TestClient, store = storeHash) => {
    const old = await weakHash();
    await store(old);
    expect((await basic.api('/whoami')).status).toBe(200);
    const kept = await change('SELECT FROM principals WHERE id = $1 AND password_hash = $2', author, old);
    expect(kept).toEqual([]);
  };
  const storeHash = (stored: string): Promise<unknown> =>
    change('UPDATE principals SET password_hash = $2 WHERE id = $1', author, stored);
  /** Stores another hash of the password as a process of another cost does. */
  const replaceHash = async (stored: string) => {
    const user = await createPasswordUserFinder(registry.db)('', `ana-${number}`);
    if (!user) throw new Error('the user has no password');
    expect(await replacePasswordHash(registry.db, user, stored)).toBe(stored);
  };

  interface Begun {
    client: TestClient;
    end(): Promise<unknown>;
  }
  /** Credentials, and how each ends. */
  const credentials: [string, () => Promise<Begun>][] = [
    [
      'by a password that is changed',
      async () => ({
        client: await beginWithPassword(),
        end: () => setPassword('another sentence of several words'),
      }),
    ],
    [
      'in a browser, by a password that is changed',
      async () => ({
        client: await beginInBrowser(),
        end: () => setPassword('another sentence of several words'),
      }),
    ],
    [
      'by a password that is taken away',
      async () => ({
        client: await beginWithPassword(),
        end: () => change('UPDATE principals SET password_hash = NULL WHERE id = $1', author),
      }),
    ],
    [
      'by a password that a program of a former release changed after its hash was made anew',
      async () => {
        const client = await beginWithPassword();
        await hashAnew(client);
        const next = await hash('another sentence of several words');
        return {
          client,
          end: () => change('UPDATE principals SET password_hash = $2 WHERE id = $1', author, next),
        };
      },
    ],
    [
      'by a CI token whose trust rule is deleted',
      async () => {
        const { client, rule } = await beginAsCiJob();
        return { client, end: () => change('DELETE FROM trust_rules WHERE id = $1', rule) };
      },
    ],
  ];
  const logsOut: [string, () => Promise<Begun>] = [
    'in a browser that logs out',
    async () => {
      await setPassword(password);
      const secret = await beginSessionOf();
      return { client: browserOf(secret), end: () => endSession(registry.db, secret) };
    },
  ];
  /** Changes with which no job ends. */
  const harmless: typeof credentials = [
    logsOut,
    [
      'by a password that is hashed anew at another cost, twice',
      async () => {
        const basic = await beginWithPassword();
        await storeHash(await weakHash());
        const client = browserOf(await beginSessionOf());
        const end = async () => {
          await hashAnew(basic, replaceHash);
          await hashAnew(basic, replaceHash);
        };
        return { client, end };
      },
    ],
  ];

  const accept = async (client: TestClient) => {
    const response = await client.orchestrate(into, recipe(), { Prefer: 'wait=0' });
    expect(response.status).toBe(202);
    return (await jobOf(response)).id;
  };

  it.each(credentials)('a job that waits in the queue fails when it was begun %s', async (_, begin) => {
    const { client, end } = await begin();
    const id = await accept(client);
    await end();
    await worker.run(id);
    expect(await jobOf(await admin.api(`/jobs/${id}`))).toMatchObject({
      state: 'failed',
      attempts: 1,
      error: { code: 'access.denied', details: { right: 'chart.publish' } },
    });
    expect(await chartsIn(into)).toEqual([]);
  });

  it.each(harmless)('a job that waits in the queue succeeds when it was begun %s', async (_, begin) => {
    const { client, end } = await begin();
    const id = await accept(client);
    await end();
    await worker.run(id);
    expect(await jobOf(await admin.api(`/jobs/${id}`))).toMatchObject({ state: 'succeeded' });
  });

  it.each(credentials)(
    'a recipe that is composed while it waits is refused when it was sent %s',
    async (_, begin) => {
      const { client, end } = await begin();
      offer(end);
      const response = await client.orchestrate(into, recipe());
      expect(response.status).toBe(403);
      expect(await errorOf(response)).toMatchObject({ code: 'access.denied' });
      expect(await chartsIn(into)).toEqual([]);
    },
  );

  it.each([...credentials, logsOut])(
    'an upload that is received is refused when it was begun %s',
    async (_, begin) => {
      const { client, end } = await begin();
      const archive = await packChart({ name: 'slow', files: { 'files/random': randomBytes(1_000_000) } });
      const path = `/api/v1/spaces/${into}/charts`;
      const { answer, finish } = await beginSlowUpload(client, {
        method: 'POST',
        path,
        body: chartForm(archive),
      });
      await expect.poll(() => registry.drafts()).toHaveLength(1);
      await end();
      finish();
      expect((await answer).status).toBe(401);
      await expect.poll(() => registry.drafts()).toEqual([]);
      expect(await chartsIn(into)).toEqual([]);
    },
  );

  it('a whole blob that is received is refused when it was begun in a browser that logs out', async () => {
    const [, begin] = logsOut;
    const { client, end } = await begin();
    const bytes = randomBytes(1_000_000);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const path = `/v2/${into}/web/blobs/uploads/?digest=${digest}`;
    const { answer, finish } = await beginSlowUpload(client, { method: 'POST', path, body: bytes });
    await expect.poll(() => registry.drafts()).toHaveLength(1);
    await end();
    finish();
    expect((await answer).status).toBe(401);
    await expect.poll(() => registry.drafts()).toEqual([]);
    expect((await admin.request(`/v2/${into}/web/blobs/${digest}`, { method: 'HEAD' })).status).toBe(404);
  });

  it('a stream of a job ends, and tells nothing more, when it was begun in a browser that logs out', async () => {
    const [, begin] = logsOut;
    const { client, end } = await begin();
    const id = await accept(client);
    const stream = readEvents(await client.api(`/jobs/${id}/events`));
    expect(await stream.until(({ event }) => event === 'job')).toMatchObject({
      data: expect.stringContaining('"queued"'),
    });
    await end();
    await worker.run(id);
    expect(await stream.until(() => false)).toBeUndefined();
    expect(stream.events.filter(({ event }) => event === 'job')).toHaveLength(1);
    expect(await jobOf(await admin.api(`/jobs/${id}`))).toMatchObject({ state: 'succeeded' });
  });
});

describe('a deletion that has waited for its lock', () => {
  const deletions: [string, (deps: RegistryDeps) => Promise<void>][] = [
    ['a version', (deps) => deleteVersion(deps, { space: from, chart: 'web', version: '1.0.0' })],
    ['a chart', (deps) => deleteChart(deps, from, 'web')],
    ['a space', (deps) => deleteSpace(deps, from)],
  ];

  it.each(deletions)(
    'a deletion that has waited for its lock of %s is refused when the role is gone by then',
    async (_, remove) => {
      const { access, registry: deps } = registry.context;
      const caller: Caller = {
        kind: 'principal',
        principal: { id: author, kind: 'user', name: 'ana' },
        credential: 'token',
        tokenId: token.id,
      };
      const actor = createActor(access, async () => caller, { door: 'api' });
      await principals.setRole(author, from, 'owner');
      const write: RegistryDeps['locks']['write'] = (resource, work) =>
        deps.locks.write(resource, async (tx) => {
          await principals.setRole(author, from, 'reader');
          return work(tx);
        });
      await expect(remove({ ...deps, actor, locks: { ...deps.locks, write } })).rejects.toMatchObject({
        code: 'access.denied',
      });
      expect(await chartsIn(from)).toEqual(['web']);
      await principals.setRole(author, from, 'owner');
      await remove({ ...deps, actor });
      expect(await chartsIn(from)).toEqual([]);
    },
  );
});
