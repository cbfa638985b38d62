import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient as createTypedClient } from '../client/src/index.ts';
import { digestOf } from '../core/blobs/content.ts';
import type { BlobStore } from '../core/blobs/port.ts';
import { signInTheClear } from '../core/chart/provenance.fixture.ts';
import { purgeDeleted } from '../core/deletions/purge-deleted.ts';
import { restoreVersion } from '../core/deletions/restore-version.ts';
import { collectGarbage } from '../core/maintenance/collect.ts';
import { errorOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { createPrincipals } from './support/guarded.ts';
import { descriptor, imageType, indexOf, openRepository } from './support/oci.ts';
import { listWrongCounts } from './support/retention-rows.ts';

let registry: EmbeddedRegistry;
const spaceOf = (name: string) => createTypedClient({ url: registry.url }).space(name);
beforeAll(async () => {
  registry = await startEmbedded({ gcInterval: 0 });
});
afterAll(() => registry.close());

const publish = async (space: string, name: string, versions: readonly string[]) => {
  for (const version of versions)
    expect((await registry.upload(space, { name, version, values: { from: version } })).status).toBe(201);
};
const rowOf = async (space: string, version: string) => {
  const [row] = await registry.db.query<Record<string, unknown>>(
    `SELECT v.digest, v.size, v.metadata, v.entry, v.provenance, v.provenance_size, v.created_at, v.updated_at, v.sort_key
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE s.name = $1 AND v.version = $2`,
    [space, version],
  );
  return row;
};

it('a deleted version comes back as it was, with its signature, its manifest and what is attached to that', async () => {
  const archive = await packChart({ name: 'web', version: '1.0.0', values: { a: 1 } });
  expect((await registry.upload('lib', archive)).status).toBe(201);
  const version = spaceOf('lib').chart('web').version('1.0.0');
  const text = `name: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: ${digestOf(archive)}\n`;
  const signed = await registry.api('/spaces/lib/charts/web/versions/1.0.0/provenance', {
    method: 'PUT',
    body: signInTheClear(text),
  });
  expect(signed.ok).toBe(true);
  await publish('lib', 'web', ['1.1.0']);
  const repository = openRepository(registry, 'lib/web');
  const manifest = Buffer.from(await (await registry.request('/v2/lib/web/manifests/1.0.0')).arrayBuffer());
  const subject = descriptor(imageType, manifest);
  const empty = Buffer.from('{}');
  await repository.pushBlob(empty);
  const signature = JSON.stringify({
    ...{
      schemaVersion: 2,
      mediaType: imageType,
      artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json',
    },
    ...{ config: descriptor('application/vnd.oci.empty.v1+json', empty), layers: [], subject },
  });
  expect((await repository.put(digestOf(Buffer.from(signature)), signature)).status).toBe(201);
  const before = await rowOf('lib', '1.0.0');
  const values = await version.values();

  await version.delete();
  expect((await registry.request(`/v2/lib/web/manifests/${subject.digest}`)).status).toBe(404);
  const [listed] = (await spaceOf('lib').deleted({ chart: 'web' }).page()).items;
  expect(listed).toMatchObject({
    ...{
      chart: 'web',
      version: '1.0.0',
      digest: digestOf(archive),
      hasProvenance: true,
      isComposed: false,
      run: null,
    },
  });
  expect(Date.parse(listed?.restorableUntil ?? '') - Date.parse(listed?.deletedAt ?? '')).toBe(604_800_000);

  expect(await version.restore()).toEqual({
    ...{ space: 'lib', chart: 'web', version: '1.0.0', digest: digestOf(archive) },
    ...{ link: '/api/v1/spaces/lib/charts/web/versions/1.0.0', sameManifest: true, lineage: null },
  });
  expect(await rowOf('lib', '1.0.0')).toEqual(before);
  expect(await version.values()).toEqual(values);
  const again = await registry.request(`/v2/lib/web/manifests/${subject.digest}`);
  expect(Buffer.from(await again.arrayBuffer()).equals(manifest)).toBe(true);
  const referrers = await indexOf(await registry.request(`/v2/lib/web/referrers/${subject.digest}`));
  expect(referrers.manifests).toHaveLength(1);
  const tagged = await registry.request('/v2/lib/web/manifests/1.0.0', { method: 'HEAD' });
  expect(tagged.headers.get('docker-content-digest')).toBe(subject.digest);
  expect(await (await registry.request('/lib/index.yaml')).text()).toContain('web-1.0.0.tgz');
  expect((await spaceOf('lib').deleted().page()).total).toBe(0);
  expect(await listWrongCounts(registry.db)).toEqual([]);
});

it('a chart that was deleted as a whole comes back version by version, and a composed one with its lineage', async () => {
  await publish('whole', 'base', ['1.0.0', '1.1.0']);
  const composed = await registry.orchestrate('whole', {
    save: { chart: 'made', version: '1.0.0' },
    configs: { package: { independent: true, space: 'whole', chart: 'base', version: '1.0.0' } },
  });
  expect(composed.status).toBe(201);
  const made = spaceOf('whole').chart('made').version('1.0.0');
  const lineage = await made.lineage();
  for (const chart of ['made', 'base'])
    expect((await registry.api(`/spaces/whole/charts/${chart}`, { method: 'DELETE' })).ok).toBe(true);
  const deleted = (await spaceOf('whole').deleted().page()).items.map(
    ({ chart, version }) => `${chart}-${version}`,
  );
  expect(deleted.sort()).toEqual(['base-1.0.0', 'base-1.1.0', 'made-1.0.0']);
  expect(await made.restore()).toMatchObject({ lineage: true });
  expect(await made.lineage()).toEqual(lineage);
  await spaceOf('whole').chart('base').version('1.0.0').restore();
  const dependents = await spaceOf('whole').chart('base').version('1.0.0').dependents().page();
  expect(dependents.items).toMatchObject([{ chart: 'made', version: '1.0.0' }]);
  expect(await listWrongCounts(registry.db)).toEqual([]);
});

it('a restore is refused where the version exists again, nothing is known, or the store has lost the archive', async () => {
  await publish('gone', 'web', ['1.0.0', '2.0.0', '3.0.0']);
  const [first, second] = ['1.0.0', '2.0.0'].map((version) => spaceOf('gone').chart('web').version(version));
  await expect(first?.restore()).rejects.toMatchObject({ status: 409, code: 'version.exists' });
  await first?.delete();
  await publish('gone', 'web', ['1.0.0']);
  await expect(first?.restore()).rejects.toMatchObject({ status: 409, code: 'version.exists' });
  const missing = await registry.api('/spaces/gone/charts/web/versions/9.0.0/restore', { method: 'POST' });
  expect([missing.status, (await errorOf(missing)).code]).toEqual([404, 'deletion.notFound']);
  await second?.delete();
  const { registry: parts, log } = registry.context;
  await collectGarbage({ ...parts, log }, { graceSeconds: 0 });
  await expect(second?.restore()).rejects.toMatchObject({ status: 409, code: 'deletion.final' });
  // After the grace nothing is listed, and the purge forgets it.
  await registry.db.query("UPDATE deleted_versions SET deleted_at = deleted_at - interval '8 days'");
  expect((await spaceOf('gone').deleted().page()).items).toEqual([]);
  await expect(second?.restore()).rejects.toMatchObject({ code: 'deletion.notFound' });
  expect(await purgeDeleted(registry.db, 604_800, new AbortController().signal)).toBeGreaterThan(0);
  expect(await registry.db.query('SELECT FROM deleted_versions')).toEqual([]);
});

it('an archive that can be restored is kept beyond the grace of other garbage, with its manifest, and no longer', async () => {
  await publish('week', 'web', ['1.0.0', '2.0.0', '3.0.0']);
  const { registry: parts, log } = registry.context;
  const collect = (restoreSeconds: number) =>
    collectGarbage({ ...parts, log }, { graceSeconds: 0, restoreSeconds, expirySeconds: 3_600 });
  await registry.db.query("UPDATE deleted_versions SET deleted_at = deleted_at - interval '1 year'");
  await collect(0);
  const tagged = (version: string) =>
    registry.request(`/v2/week/web/manifests/${version}`, { method: 'HEAD' });
  const text = `name: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: ${(await rowOf('week', '1.0.0'))?.digest}\n`;
  const provenance = { method: 'PUT', body: signInTheClear(text) };
  expect((await registry.api('/spaces/week/charts/web/versions/1.0.0/provenance', provenance)).ok).toBe(true);
  const manifest = (await tagged('1.0.0')).headers.get('docker-content-digest');
  const chart = spaceOf('week').chart('web');
  await chart.version('1.0.0').delete();
  await chart.version('2.0.0').delete();
  expect(await collect(60)).toMatchObject({ removed: 0 });
  expect(await chart.version('1.0.0').restore()).toMatchObject({ sameManifest: true });
  expect((await tagged('1.0.0')).headers.get('docker-content-digest')).toBe(manifest);
  expect((await registry.request('/week/charts/web-1.0.0.tgz')).status).toBe(200);

  await registry.db.query("UPDATE deleted_versions SET deleted_at = deleted_at - interval '61 seconds'");
  expect(await collect(60)).toMatchObject({ removed: 1, waiting: 0 });
  await expect(chart.version('2.0.0').restore()).rejects.toMatchObject({ code: 'deletion.final' });
});

it('of two deletions with other archives each can be restored by its digest, the last one by default', async () => {
  const pack = (from: string) => packChart({ name: 'web', version: '1.0.0', values: { from } });
  const first = await pack('the first');
  expect((await registry.upload('again', first)).status).toBe(201);
  const { registry: parts, log } = registry.context;
  const collect = () => collectGarbage({ ...parts, log }, { graceSeconds: 0, restoreSeconds: 3_600 });
  const version = spaceOf('again').chart('web').version('1.0.0');
  await version.delete();
  expect(await collect()).toMatchObject({ removed: 0 });
  const other = await pack('the second');
  expect((await registry.upload('again', other)).status).toBe(201);
  expect(await collect()).toMatchObject({ removed: 0 });
  const listed = async () => (await spaceOf('again').deleted().page()).items.map(({ digest }) => digest);
  // While a version has the name, nothing can be restored.
  expect(await listed()).toEqual([]);
  await version.delete();
  const digests = [digestOf(other), digestOf(first)];
  expect(await listed()).toEqual(digests);
  expect(await collect()).toMatchObject({ removed: 0 });
  const unknown = version.restore({ digest: digestOf(Buffer.from('never there')) });
  await expect(unknown).rejects.toMatchObject({ status: 404, code: 'deletion.notFound' });
  const misspelt = version.restore({ digest: 'sha256:1' });
  await expect(misspelt).rejects.toMatchObject({ status: 400 });
  for (const digest of [...digests].reverse()) {
    expect(await version.restore({ digest })).toMatchObject({ digest });
    expect((await rowOf('again', '1.0.0'))?.digest).toBe(digest);
    await version.delete();
  }
  expect(await version.restore()).toMatchObject({ digest: digestOf(other) });
});

it('deletions that another one replaces keep no archive: of the same archive, and beyond the last ten', async () => {
  const { registry: parts, log } = registry.context;
  const collect = () => collectGarbage({ ...parts, log }, { graceSeconds: 0, restoreSeconds: 3_600 });
  const version = spaceOf('often').chart('web').version('1.0.0');
  const listed = async () => (await spaceOf('often').deleted().page()).items.map(({ digest }) => digest);
  const archives = await Promise.all(
    Array.from({ length: 11 }, (_, number) =>
      packChart({ name: 'web', version: '1.0.0', values: { number } }),
    ),
  );
  const digests = archives.map(digestOf);
  const deleteAll = async (given: readonly Buffer[]) => {
    for (const archive of given) {
      expect((await registry.upload('often', archive)).status).toBe(201);
      await version.delete();
    }
  };
  await deleteAll([...archives.slice(0, 1), ...archives.slice(0, 10)]);
  expect(await listed()).toEqual(digests.slice(0, 10).reverse());
  expect(await collect()).toMatchObject({ removed: 0 });
  await deleteAll(archives.slice(10));
  expect(await listed()).toEqual(digests.slice(1).reverse());
  expect(await collect()).toMatchObject({ removed: 1 });
  expect(await version.restore({ digest: digests[1] ?? '' })).toMatchObject({ digest: digests[1] });
});

it('of requests that restore at once, one does; the garbage collection leaves archives for the grace', async () => {
  await publish('race', 'web', ['1.0.0', '2.0.0']);
  const version = spaceOf('race').chart('web').version('1.0.0');
  await version.delete();
  const { registry: parts, log } = registry.context;
  await collectGarbage({ ...parts, log }, { graceSeconds: 3_600 });
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => version.restore()));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await listWrongCounts(registry.db)).toEqual([]);
  expect((await registry.request('/race/charts/web-1.0.0.tgz')).status).toBe(200);
});

it('the purge leaves the row of a version that somebody is restoring', async () => {
  await publish('purged', 'web', ['1.0.0', '2.0.0']);
  const ref = { space: 'purged', chart: 'web', version: '1.0.0' };
  await spaceOf('purged').chart('web').version('1.0.0').delete();
  const { registry: parts } = registry.context;
  const blobs: BlobStore = {
    ...parts.blobs,
    async stat(digest) {
      await purgeDeleted(registry.db, 0, new AbortController().signal);
      return parts.blobs.stat(digest);
    },
  };
  expect(await restoreVersion({ ...parts, blobs }, ref, { restoreSeconds: 60 })).toMatchObject(ref);
});

it('retention names its run, and leaves a version that somebody has restored', async () => {
  await publish('ruled', 'web', ['1.0.0', '1.1.0', '2.0.0']);
  const { retention, chart, deleted } = spaceOf('ruled');
  await retention.set({ rules: [{ charts: ['*'], keep: { last: 1 } }] });
  const stateOf = (id: string) =>
    expect.poll(async () => (await retention.readRun(id)).state, { timeout: 20_000 });
  const { id } = await retention.run();
  await stateOf(id).toBe('succeeded');
  // A single statement has deleted both, in any order.
  const runs = (await deleted().page()).items.map(({ version, run }) => [version, run]);
  expect(runs.sort()).toEqual([
    ['1.0.0', id],
    ['1.1.0', id],
  ]);
  await chart('web').version('1.0.0').restore();
  const items = (await retention.preview().page()).items.map(({ version, reason }) => [version, reason]);
  expect(items).toEqual([
    ['2.0.0', 'highest'],
    ['1.0.0', 'restored'],
  ]);
  const second = await retention.run();
  await stateOf(second.id).toBe('succeeded');
  expect(await rowOf('ruled', '1.0.0')).toBeDefined();
});

it('a deleted space takes its deleted versions along', async () => {
  await publish('ended', 'web', ['1.0.0', '2.0.0']);
  await spaceOf('ended').chart('web').version('1.0.0').delete();
  await spaceOf('ended').delete();
  await publish('ended', 'web', ['2.0.0']);
  expect((await spaceOf('ended').deleted().page()).items).toEqual([]);
  await expect(spaceOf('ended').chart('web').version('1.0.0').restore()).rejects.toMatchObject({
    code: 'deletion.notFound',
  });
});

it('only maintainers of the chart see deleted versions, and restore', async () => {
  const guarded = await startEmbedded({ access: 'guarded' }, { worker: false });
  try {
    const principals = createPrincipals(guarded.db, guarded.urls);
    await principals.addSpace('team', 'public');
    const clientOf = async (name: string, role: 'publisher' | 'maintainer', charts?: string[]) => {
      const user = await principals.addUser(name);
      await principals.setRole(user, 'team', role);
      return (await principals.addToken(user, charts ? { charts } : {})).client;
    };
    const maintainer = await clientOf('mia', 'maintainer');
    const publisher = await clientOf('pia', 'publisher');
    const narrow = await clientOf('nia', 'maintainer', ['api-*']);
    expect((await maintainer.upload('team', { name: 'web', version: '1.0.0' })).status).toBe(201);
    const path = '/spaces/team/charts/web/versions/1.0.0';
    expect((await maintainer.api(path, { method: 'DELETE' })).status).toBe(204);
    for (const client of [publisher, narrow]) {
      expect((await client.api('/spaces/team/deleted')).status).toBe(403);
      expect((await client.api(`${path}/restore`, { method: 'POST' })).status).toBe(403);
    }
    expect((await maintainer.api(`${path}/restore`, { method: 'POST' })).status).toBe(200);
  } finally {
    await guarded.close();
  }
});
