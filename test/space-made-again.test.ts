import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { Queryable } from '../core/db/port.ts';
import { packChart } from './support/charts.ts';
import { chartForm, createClient, type TestClient } from './support/client.ts';
import { type GuardedRegistry, startGuarded } from './support/guarded.ts';
import { chartTypes, descriptor, digest, imageType, openRepository } from './support/oci.ts';

let registry: GuardedRegistry;
let owner: string;
let client: TestClient;
beforeAll(async () => {
  registry = await startGuarded({}, { worker: false });
  owner = await registry.addUser('owner');
  client = (await registry.addToken(owner)).client;
});
afterAll(() => registry.close());

/** Makes a space of the owner, and one of somebody else with another archive of the chart. @returns their names */
async function makeSpaces(): Promise<{ own: string; other: string; archive: Buffer }> {
  const name = `s${randomBytes(4).toString('hex')}`;
  const [own, other] = [`${name}-own`, `${name}-other`];
  const archive = await packChart({ name: 'web', values: { text: 'own' } });
  await registry.admin.upload(own, archive);
  await registry.admin.upload(other, { name: 'web', values: { text: 'other' } });
  await registry.setRole(owner, own, 'owner');
  return { own, other, archive };
}

/** Sends a request, and gives the name of the space to another one after the right was checked. */
function raceWith(
  { own, other }: { own: string; other: string },
  tables: readonly string[],
  send: () => Promise<Response>,
): Promise<Response> {
  return raceAgainst(
    async (tx) => {
      await tx.query('DELETE FROM spaces WHERE name = $1', [own]);
      await tx.query('UPDATE spaces SET name = $1 WHERE name = $2', [own, other]);
    },
    tables,
    send,
  );
}

/** Sends a request, and makes a change after its right was checked: the tables that it needs then are locked meanwhile. */
async function raceAgainst(
  change: (tx: Queryable) => Promise<void>,
  tables: readonly string[],
  send: () => Promise<Response>,
): Promise<Response> {
  const sent: Promise<Response>[] = [];
  await registry.db.transaction(async (tx) => {
    await tx.query(`LOCK TABLE ${tables.join(', ')} IN ACCESS EXCLUSIVE MODE`);
    sent.push(send());
    await expect
      .poll(
        async () => {
          const [row] = await registry.db.query<{ waiting: number }>(
            `SELECT count(*) AS waiting FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
              AND query NOT LIKE '%version_pulls%'`,
          );
          return row?.waiting;
        },
        { timeout: 30_000 },
      )
      .toBeGreaterThan(0);
    await change(tx);
  });
  const [answer] = sent;
  if (!answer) throw new Error('nothing was sent');
  return answer;
}

/** Tables that reads need, and checks of rights do not. */
const readTables = ['charts', 'versions', 'chart_details', 'mirrors', 'deleted_versions', 'oci_repositories'];

it.each([
  '/api/v1/spaces/SPACE',
  '/api/v1/spaces/SPACE/charts',
  '/api/v1/spaces/SPACE/details',
  '/api/v1/spaces/SPACE/deleted',
  '/api/v1/spaces/SPACE/mirror',
  '/api/v1/spaces/SPACE/mirror/runs',
  '/api/v1/spaces/SPACE/charts/web/versions',
  '/api/v1/spaces/SPACE/charts/web/versions/1.0.0',
  '/api/v1/spaces/SPACE/charts/web/versions/1.0.0/manifests/values',
  '/api/v1/spaces/SPACE/charts/web/versions/1.0.0/lineage',
  '/SPACE/index.yaml',
  '/SPACE/charts/web-1.0.0.tgz',
  '/api/SPACE/charts',
  '/v2/SPACE/web/tags/list',
  '/v2/SPACE/web/manifests/1.0.0',
])('a space made again after the check is not read by an old right: %s', async (path) => {
  const spaces = await makeSpaces();
  const real = path.replace('SPACE', spaces.own);
  const answer = await raceWith(spaces, readTables, () => client.request(real));
  const absent = await client.request(path.replace('SPACE', 'absent'));
  expect(answer.status).toBe(absent.status);
  expect((await answer.text()).replaceAll(spaces.own, 'SPACE')).toBe(
    (await absent.text()).replaceAll('absent', 'SPACE'),
  );
});

it.each(['manifests/1.0.0', 'blobs/DIGEST'])(
  'a space made again after the check is not read from memory by an old right: %s',
  async (path) => {
    const spaces = await makeSpaces();
    const archive = await packChart({ name: 'web', values: { text: 'other' } });
    await registry.admin.request(`/api/v1/spaces/${spaces.own}/charts/web`, { method: 'DELETE' });
    await registry.admin.upload(spaces.own, archive);
    const real = `/v2/${spaces.own}/web/${path.replace('DIGEST', digest(archive))}`;
    for (const _ of [1, 2]) expect((await client.request(real)).status).toBe(200);
    const answer = await raceWith(spaces, ['versions', 'oci_blobs'], () => client.request(real));
    expect(answer.status).toBe(404);
  },
);

const versionPath = '/api/v1/spaces/SPACE/charts/web/versions/1.0.0';
const writes: [string, string, (archive: Buffer) => RequestInit][] = [
  ['a replacement', versionPath, (archive) => ({ method: 'PUT', body: chartForm(archive) })],
  [
    'an edit of values',
    `${versionPath}/manifests/values`,
    () => ({ method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: '{"text":"edited"}' }),
  ],
  ['a deletion', versionPath, () => ({ method: 'DELETE' })],
  ['a deletion by OCI', '/v2/SPACE/web/manifests/1.0.0', () => ({ method: 'DELETE' })],
  [
    'a blob by OCI',
    `/v2/SPACE/web/blobs/uploads/?digest=${digest('{}')}`,
    () => ({ method: 'POST', body: '{}', headers: { 'Content-Type': 'application/octet-stream' } }),
  ],
  [
    'a tag by OCI',
    '/v2/SPACE/web/manifests/stable',
    (archive) => ({
      method: 'PUT',
      headers: { 'Content-Type': imageType },
      body: JSON.stringify({
        schemaVersion: 2,
        mediaType: imageType,
        config: { mediaType: 'application/vnd.example', digest: digest(archive), size: archive.length },
        layers: [{ mediaType: chartTypes.archive, digest: digest(archive), size: archive.length }],
      }),
    }),
  ],
];

it.each(writes)(
  'a space made again after the check is not written by an old right: %s',
  async (what, path, init) => {
    const spaces = await makeSpaces();
    const [before] = await registry.db.query<{ id: number }>('SELECT id FROM spaces WHERE name = $1', [
      spaces.other,
    ]);
    const tables = what === 'a blob by OCI' ? ['oci_blobs'] : ['locks'];
    const answer = await raceWith(spaces, tables, () =>
      client.request(path.replace('SPACE', spaces.own), init(spaces.archive)),
    );
    expect(answer.status).toBe(403);
    const values = await registry.admin.request(
      `${versionPath.replace('SPACE', spaces.own)}/manifests/values`,
    );
    expect(await values.json()).toEqual({ text: 'other' });
    const pushed = await registry.db.query('SELECT name FROM oci_repositories WHERE space_id = $1', [
      before?.id,
    ]);
    expect(pushed).toEqual([]);
  },
);

const uploads: typeof writes = [
  ['an upload', '/api/v1/spaces/SPACE/charts', (next) => ({ method: 'POST', body: chartForm(next) })],
  [
    'an upload by the interface of ChartMuseum',
    '/api/SPACE/charts',
    (next) => ({ method: 'POST', body: new Uint8Array(next) }),
  ],
];

it.each([...uploads, ...writes.filter(([what]) => what !== 'a blob by OCI')])(
  'a role that is taken away after the check writes nothing: %s',
  async (what, path, init) => {
    const spaces = await makeSpaces();
    const isUpload = uploads.some(([name]) => name === what);
    const archive = isUpload ? await packChart({ name: 'web', version: '2.0.0' }) : spaces.archive;
    const send = () => client.request(path.replace('SPACE', spaces.own), init(archive));
    const answer = await raceAgainst(
      async (tx) => {
        await tx.query('DELETE FROM space_members WHERE principal_id = $1', [owner]);
      },
      ['locks'],
      send,
    );
    expect(answer.status).toBe(403);
    const charts = await registry.admin.api(`/spaces/${spaces.own}/charts/web/versions`);
    expect(await charts.json()).toMatchObject({ metadata: { total: 1 } });
    const values = await registry.admin.request(
      `${versionPath.replace('SPACE', spaces.own)}/manifests/values`,
    );
    expect(await values.json()).toEqual({ text: 'own' });
    const tags = await registry.admin.request(`/v2/${spaces.own}/web/manifests/stable`);
    expect(tags.status).toBe(404);
    await registry.setRole(owner, spaces.own, 'owner');
    expect((await send()).ok).toBe(true);
  },
);

it('a new version is pushed where its registry token may not replace in the space that was made again', async () => {
  const spaces = await makeSpaces();
  await registry.setRole(owner, spaces.other, 'owner');
  const archive = await packChart({ name: 'web', version: '2.0.0' });
  for (const space of [spaces.own, spaces.other]) {
    const repository = openRepository(client, `${space}/web`);
    for (const blob of ['{}', archive]) expect((await repository.pushBlob(blob)).status).toBe(201);
  }
  const scope = `repository:${spaces.own}/web:pull,push`;
  const answered = await client.request(`/v2/token?${new URLSearchParams({ scope })}`);
  const { token } = z.object({ token: z.string() }).parse(await answered.json());
  const repository = openRepository(createClient(registry.urls, `Bearer ${token}`), `${spaces.own}/web`);
  const body = JSON.stringify({
    schemaVersion: 2,
    config: descriptor(chartTypes.config, '{}'),
    layers: [descriptor(chartTypes.archive, archive)],
  });
  const answer = await raceWith(spaces, ['locks'], () => repository.put('2.0.0', body));
  expect(answer.status).toBe(201);
  expect((await repository.call('manifests/2.0.0')).status).toBe(200);
});
