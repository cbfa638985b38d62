import { describe, expect, it, onTestFinished } from 'vitest';
import { contentOf, digestOf } from '../core/blobs/content.ts';
import { signInTheClear } from '../core/chart/provenance.fixture.ts';
import { collectGarbage } from '../core/maintenance/collect.ts';
import { jobOf } from './support/answers.ts';
import { chartForm } from './support/client.ts';
import { startEmbedded } from './support/embedded.ts';
import { nothing, path, useGarbage, web } from './support/garbage.ts';

const use = useGarbage();
const { collect, download, entries, remove, stored } = use;

describe('garbage collection', () => {
  it('garbage collection keeps a provenance file while a version references it, and removes it after that', async () => {
    const archive = await web('1.0.0');
    const text = `name: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: ${digestOf(archive)}\n`;
    const provenance = signInTheClear(text);
    const attach = (space: string) =>
      use.registry.api(`${path(space, '1.0.0')}/provenance`, {
        method: 'PUT',
        body: new Uint8Array(provenance),
      });
    for (const space of ['lib', 'other']) {
      await use.registry.upload(space, archive);
      expect((await attach(space)).status).toBe(204);
    }
    expect(await collect()).toEqual(nothing);
    await use.registry.api(`${path('lib', '1.0.0')}/manifests/values`, { method: 'PUT', body: '{"a":1}' });
    expect(await collect()).toEqual(nothing);
    expect(await stored()).toContain(digestOf(provenance));
    await use.registry.api('/spaces/other', { method: 'DELETE' });
    expect(await collect()).toEqual({ ...nothing, removed: 2, freed: archive.length + provenance.length });
    expect(await stored()).not.toContain(digestOf(provenance));
  });

  it('garbage collection keeps blobs of versions', async () => {
    await use.registry.upload('lib', await web('1.0.0'));
    expect(await collect()).toEqual(nothing);
    expect((await download('lib', '1.0.0')).status).toBe(200);
  });

  it('garbage collection removes the bytes of a deleted version, a replaced one, and a deleted space', async () => {
    const [deleted, replaced, replacing, inSpace, stays] = await Promise.all([
      web('1.0.0'),
      web('2.0.0'),
      web('2.0.0', { other: true }),
      web('3.0.0'),
      web('4.0.0'),
    ]);
    for (const bytes of [deleted, replaced]) await use.registry.upload('lib', bytes);
    for (const bytes of [inSpace, stays]) await use.registry.upload('doomed', bytes);
    await use.registry.upload('lib', stays);
    await remove('lib', '1.0.0');
    const body = chartForm(replacing);
    expect((await use.registry.api(path('lib', '2.0.0'), { method: 'PUT', body })).status).toBe(200);
    await use.registry.api('/spaces/doomed', { method: 'DELETE' });
    const gone = [deleted, replaced, inSpace];
    expect(await collect()).toEqual({
      ...nothing,
      removed: 3,
      freed: gone.reduce((sum, bytes) => sum + bytes.length, 0),
    });
    expect((await stored()).sort()).toEqual([digestOf(replacing), digestOf(stays)].sort());
    expect(await entries()).toEqual([]);
  });

  it('garbage collection removes a blob once that became an orphan twice at the same time', async () => {
    const bytes = await web('1.0.0');
    for (const space of ['lib', 'other']) await use.registry.upload(space, bytes);
    for (const space of ['lib', 'other']) await remove(space, '1.0.0');
    await use.maintenance.db.query("UPDATE garbage SET since = '2026-01-01'");
    expect(await collect()).toEqual({ ...nothing, removed: 1, freed: bytes.length });
    expect(await stored()).toEqual([]);
    expect(await entries()).toEqual([]);
  });

  it('garbage collection keeps an orphan for the grace period, counted from its last reference', async () => {
    const bytes = await web('1.0.0');
    await use.registry.upload('lib', bytes);
    await use.registry.upload('other', bytes);
    await remove('lib', '1.0.0');
    await use.maintenance.db.query("UPDATE garbage SET since = since - interval '2 hours'");
    await remove('other', '1.0.0');
    expect(await collect(3600)).toEqual({ ...nothing, waiting: 1 });
    expect(await stored()).toEqual([digestOf(bytes)]);
    await use.maintenance.db.query("UPDATE garbage SET since = since - interval '59 minutes'");
    expect(await collect(3600)).toEqual({ ...nothing, waiting: 1 });
    await use.maintenance.db.query("UPDATE garbage SET since = since - interval '1 minute'");
    expect(await collect(3600)).toEqual({ ...nothing, removed: 1, freed: bytes.length });
  });

  it('garbage collection forgets a blob that was uploaded again, and restarts its grace period after a deletion', async () => {
    const bytes = await web('1.0.0');
    for (const _ of [1, 2, 3]) {
      await use.registry.upload('lib', bytes);
      await remove('lib', '1.0.0');
    }
    expect(await entries()).toHaveLength(3);
    expect(await collect(60)).toEqual({ ...nothing, waiting: 1 });
    await use.registry.upload('lib', bytes);
    expect(await collect()).toEqual(nothing);
    expect(await entries()).toEqual([]);
    expect((await download('lib', '1.0.0')).bytes.equals(bytes)).toBe(true);
    await remove('lib', '1.0.0');
    expect(await collect(60)).toEqual({ ...nothing, waiting: 1 });
    expect((await collect())?.removed).toBe(1);
  });

  it('garbage collection finds blobs that never had a reference, and keeps them for the grace period', async () => {
    const orphan = contentOf(Buffer.from('put, and then the power went'));
    await use.maintenance.blobs.put(orphan);
    expect(await collect(60)).toEqual({ ...nothing, found: 1, waiting: 1 });
    expect(await collect(60)).toEqual({ ...nothing, waiting: 1 });
    expect(await collect()).toEqual({ ...nothing, removed: 1, freed: orphan.size });
    await use.maintenance.blobs.put(orphan);
    expect(await collect()).toEqual({ ...nothing, found: 1, removed: 1, freed: orphan.size });
    expect(await stored()).toEqual([]);
  });

  it('garbage collection as a dry run counts what it would remove, and removes nothing', async () => {
    await use.registry.upload('lib', await web('1.0.0'));
    await use.registry.upload('lib', await web('2.0.0'));
    await remove('lib', '1.0.0');
    await use.maintenance.blobs.put(contentOf(Buffer.from('never named')));
    for (const graceSeconds of [0, 60]) {
      const dry = await collectGarbage(use.maintenance, { graceSeconds, dryRun: true });
      expect(dry).toMatchObject({
        found: 1,
        removed: graceSeconds === 0 ? 2 : 0,
        waiting: graceSeconds === 0 ? 0 : 2,
      });
    }
    expect(await stored()).toHaveLength(3);
    const dry = await collectGarbage(use.maintenance, { graceSeconds: 0, dryRun: true });
    expect(await collect()).toEqual(dry);
  });

  it('garbage collection handles any number of entries in pages', async () => {
    const bytes = await web('1.0.0');
    await use.registry.upload('lib', bytes);
    await use.maintenance.db.query(
      `INSERT INTO garbage (digest, since)
       SELECT $1, now() - n * interval '1 microsecond' FROM generate_series(1, 2500) AS n
       UNION ALL SELECT 'sha256:' || repeat(n::text, 64), now() - n * interval '1 millisecond'
         FROM generate_series(1, 3) AS n`,
      [digestOf(bytes)],
    );
    expect(await collect()).toEqual(nothing);
    expect(await entries()).toEqual([]);
  });

  it('garbage collection keeps the source of a job whose version is deleted until the job has ended', async () => {
    const source = await web('1.0.0');
    await use.registry.upload('lib', source);
    const submitted = await use.registry.orchestrate(
      'lib',
      {
        save: { chart: 'shop', version: '1.0.0' },
        configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
      },
      {},
    );
    expect(submitted.status).toBe(202);
    const { id } = await jobOf(submitted);
    await remove('lib', '1.0.0');
    expect(await collect()).toEqual({ ...nothing, waiting: 1 });
    await use.registry.startWorker();
    await (await use.registry.api(`/jobs/${id}/events`)).text();
    expect((await jobOf(await use.registry.api(`/jobs/${id}`))).state).toBe('succeeded');
    // The job's row was a reference until a moment ago, so the grace period has just begun.
    await use.maintenance.db.query("UPDATE garbage SET since = since - interval '1 hour'");
    expect(await collect(60)).toEqual({ ...nothing, waiting: 1 });
    expect(await collect()).toEqual({ ...nothing, removed: 1, freed: source.length });
  });
});

describe('garbage collection by workers', () => {
  it('garbage collection is run by workers, soon after the grace period', async () => {
    const scheduled = await startEmbedded({ gcInterval: 1, gcGrace: 1, restoreFor: 0 });
    onTestFinished(() => scheduled.close());
    await scheduled.startWorker();
    await scheduled.upload('lib', await web('1.0.0'));
    await scheduled.upload('lib', await web('2.0.0'));
    const digests = async () => (await scheduled.blobs()).filter((name) => /[0-9a-f]{64}$/.test(name));
    expect(await digests()).toHaveLength(2);
    await scheduled.api(path('lib', '1.0.0'), { method: 'DELETE' });
    await expect.poll(digests, { timeout: 20_000 }).toHaveLength(1);
  });
});
