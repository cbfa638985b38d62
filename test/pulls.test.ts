import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { dropStalePulls } from '../core/pulls/record-pulls.ts';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { createPrincipals } from './support/guarded.ts';
import { chartTypes, descriptor, digest, openRepository } from './support/oci.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded({ rootSpace: 'lib' }, { worker: false });
});
afterAll(() => registry.close());

const today = () => new Date().toISOString().slice(0, 10);

/** Uploads a version. @returns its digest */
async function publish(name: string, version = '1.0.0'): Promise<string> {
  expect((await registry.upload('lib', { name, version })).status).toBe(201);
  const [row] = await registry.db.query<{ digest: string }>(
    'SELECT digest FROM versions v JOIN charts c ON c.id = v.chart_id WHERE c.name = $1 AND v.version = $2',
    [name, version],
  );
  return row?.digest ?? '';
}

/** Lists the recorded downloads, as `chart/version day`. */
async function recorded(): Promise<string[]> {
  await registry.context.pulls.flush();
  const rows = await registry.db.query<{ name: string }>(
    `SELECT c.name || '/' || v.version || ' ' || p.pulled_on AS name
       FROM version_pulls p JOIN versions v ON v.id = p.version_id JOIN charts c ON c.id = v.chart_id ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

const get = async (path: string, init?: RequestInit) => {
  const response = await registry.request(path, init);
  await response.arrayBuffer();
  return response;
};

it.each<[string, (chart: string, digest: string) => [string, RequestInit?]]>([
  ['api', (chart) => [`/api/v1/spaces/lib/charts/${chart}/versions/1.0.0`]],
  ['repository', (chart) => [`/lib/charts/${chart}-1.0.0.tgz`]],
  ['repository-by-version', (chart) => [`/lib/charts/${chart}/1.0.0/${chart}-1.0.0.tgz`]],
  ['root-space', (chart) => [`/charts/${chart}-1.0.0.tgz`]],
  ['oci-blob', (chart, digest) => [`/v2/lib/${chart}/blobs/${digest}`]],
  ['oci-tag', (chart) => [`/v2/lib/${chart}/manifests/1.0.0`]],
])('records the day of a download by %s, the and none by HEAD', async (chart, requestOf) => {
  const [path, init] = requestOf(chart, await publish(chart));
  expect((await get(path, { ...init, method: 'HEAD' })).status).toBe(200);
  expect(await recorded()).not.toContain(`${chart}/1.0.0 ${today()}`);
  expect((await get(path, init)).status).toBe(200);
  expect(await recorded()).toContain(`${chart}/1.0.0 ${today()}`);
});

it('counts no reading of a manifest by its digest before a version has it, as a push does', async () => {
  const repository = openRepository(registry, 'lib/pushed');
  const archive = await packChart({ name: 'pushed', version: '1.0.0' });
  for (const blob of ['{}', archive]) await repository.finish(await repository.begin(), digest(blob), blob);
  const body = JSON.stringify({
    schemaVersion: 2,
    config: descriptor(chartTypes.config, '{}'),
    layers: [descriptor(chartTypes.archive, archive)],
  });
  const path = `/v2/lib/pushed/manifests/${digest(body)}`;
  expect((await repository.put(digest(body), body)).status).toBe(201);
  // The second is answered by the fast path.
  for (let round = 1; round <= 2; round += 1) expect((await get(path)).status).toBe(200);
  expect((await repository.put('1.0.0', body)).status).toBe(201);
  expect(await recorded()).not.toContain(`pushed/1.0.0 ${today()}`);
  expect((await get(path)).status).toBe(200);
  expect(await recorded()).toContain(`pushed/1.0.0 ${today()}`);
});

it('counts repeated downloads, which the fast path answers, as the day that they have', async () => {
  await publish('repeated');
  const note = vi.spyOn(registry.context.pulls, 'note');
  onTestFinished(() => note.mockRestore());
  for (let round = 1; round <= 3; round += 1) await get('/lib/charts/repeated-1.0.0.tgz');
  expect(note).toHaveBeenCalledTimes(3);
});

it('counts a download that the client has already, and none of what is refused', async () => {
  const digest = await publish('known');
  const path = '/api/v1/spaces/lib/charts/known/versions/1.0.0';
  expect((await get(path, { headers: { 'If-None-Match': `"${digest}"` } })).status).toBe(304);
  expect(await recorded()).toContain(`known/1.0.0 ${today()}`);
  await publish('other');
  expect((await get(`/v2/lib/other/blobs/sha256:${'0'.repeat(64)}`)).status).toBe(404);
  expect(
    (await get(`/api/v1/spaces/lib/charts/other/versions/1.0.0`, { headers: { Range: 'bytes=99999999-' } }))
      .status,
  ).toBe(416);
  expect((await recorded()).some((name) => name.startsWith('other/'))).toBe(false);
});

it('writes what is left at the end of the process, and drops the days of versions that are gone', async () => {
  await publish('ended');
  await get('/lib/charts/ended-1.0.0.tgz');
  await registry.context.pulls.close();
  expect(await recorded()).toContain(`ended/1.0.0 ${today()}`);
  await registry.api('/spaces/lib/charts/ended', { method: 'DELETE' });
  expect(await dropStalePulls(registry.db, new AbortController().signal)).toBe(1);
  expect(await dropStalePulls(registry.db, new AbortController().signal)).toBe(0);
});

it('counts no download that access control refuses, on the fast path either', async () => {
  const guarded = await startEmbedded({ access: 'guarded' }, { worker: false });
  onTestFinished(() => guarded.close());
  const principals = createPrincipals(guarded.db, guarded.urls);
  const { client } = await principals.addToken(await principals.addUser('root', 'admin'));
  await principals.addSpace('closed', 'private');
  expect((await client.upload('closed', { name: 'web', version: '1.0.0' })).status).toBe(201);
  const note = vi.spyOn(guarded.context.pulls, 'note');
  const path = '/api/v1/spaces/closed/charts/web/versions/1.0.0';
  for (const status of [200, 401, 200, 401]) {
    const sender = status === 200 ? client : guarded;
    const response = await sender.request(path);
    await response.arrayBuffer();
    expect(response.status).toBe(status);
  }
  expect(note).toHaveBeenCalledTimes(2);
});
