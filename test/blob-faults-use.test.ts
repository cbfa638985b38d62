import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { digestOf, readableOf } from '../core/blobs/content.ts';
import { collectGarbage } from '../core/maintenance/collect.ts';
import { verifyRegistry } from '../core/maintenance/verify.ts';
import { errorOf, jobOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { chartForm } from './support/client.ts';
import { allDamages, chartOfSize, damage, damages } from './support/damage.ts';
import { startEmbedded } from './support/embedded.ts';
import { bytesOf, onEachStore } from './support/faults.ts';
import { chartTypes, descriptor, openRepository, problemOf } from './support/oci.ts';

const lib = '/spaces/lib/charts/web/versions/1.0.0';

onEachStore('blobs with a fault', (use) => {
  it('a manifest pushed over a damaged blob is refused with 500, not 400', async () => {
    const { archive, digest } = await use.publish('pushed', true);
    const repository = openRepository(use.registry, 'pushed/web');
    const config = JSON.stringify({ name: 'web', version: '1.0.0' });
    await repository.pushBlob(config);
    await repository.pushBlob(archive);
    await damage(use.registry, digest, 'flipped');
    const manifest = {
      schemaVersion: 2,
      config: descriptor(chartTypes.config, config),
      layers: [descriptor(chartTypes.archive, archive)],
    };
    const put = await repository.put('1.0.0', JSON.stringify(manifest));
    expect(await problemOf(put)).toMatchObject({
      status: 500,
      message: expect.stringContaining(`${digest} are damaged`),
    });
    expect(await use.faultOf(digest)).toMatchObject({ fault: 'damaged' });
  });

  it.each(['flipped', 'gone'] as const)(
    'a recipe whose source blob is %s fails at the first attempt, and names the source',
    async (how) => {
      const space = `recipe-${how}`;
      // Larger than what is prepared ahead, so the stored archive is read.
      const files = { 'noise.txt': randomBytes(1_200_000).toString('hex') };
      const archive = await packChart({ name: 'web', values: { a: 1 }, files });
      expect((await use.registry.upload(space, archive)).status).toBe(201);
      const digest = digestOf(archive);
      const path = `/spaces/${space}/charts/web/versions/1.0.0`;
      const recipe = (name: string) => ({
        save: { chart: name, version: '1.0.0' },
        configs: { package: { independent: true, space, chart: 'web', version: '1.0.0' } },
      });
      // After this recipe, refused for its target, the outline is stored, and recipes are accepted without the bytes.
      // Nothing is composed inline, so the source does not get into memory.
      use.registry.context.jobs.compositionSlots.offer(async () => undefined);
      await use.registry.upload(space, { name: 'taken' });
      expect((await use.registry.orchestrate(space, recipe('taken'), {})).status).toBe(409);
      const dryRun = (name: string) =>
        use.registry.api(`/spaces/${space}/charts?dryRun=true`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(recipe(name)),
        });
      await damage(use.registry, digest, how);
      // JSON is YAML too. The place of the source is known when it is accepted, and later to its worker.
      const sendYaml = (name: string, headers: Record<string, string>) =>
        use.registry.api(`/spaces/${space}/charts`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/yaml', ...headers },
          body: JSON.stringify(recipe(name), null, 2),
        });
      const place = { pointer: '/configs/package', line: 7, column: 5 };
      const response = await sendYaml('shop', { Prefer: 'wait=30' });
      expect(response.status).toBe(500);
      const refusal = await errorOf(response);
      expect(refusal).toMatchObject({
        code: how === 'gone' ? 'blob.missing' : 'blob.damaged',
        details: { digest, source: { space, chart: 'web', version: '1.0.0' }, ...place },
      });
      expect(refusal.message).toContain(`${space}/web/1.0.0`);
      const dry = await dryRun('other');
      expect([dry.status, (await errorOf(dry)).message]).toEqual([
        500,
        expect.stringContaining(`${space}/web/1.0.0`),
      ]);
      const queued = await jobOf(await sendYaml('later', {}));
      await expect
        .poll(async () => (await jobOf(await use.registry.api(`/jobs/${queued.id}`))).state, {
          timeout: 30_000,
        })
        .toBe('failed');
      expect(await jobOf(await use.registry.api(`/jobs/${queued.id}`))).toMatchObject({
        attempts: 1,
        error: { message: expect.stringContaining('line 7, column 5'), details: place },
      });
      expect((await use.registry.api(path, { method: 'PUT', body: chartForm(archive) })).status).toBe(200);
      expect((await use.registry.orchestrate(space, recipe('shop'))).status).toBe(201);
    },
  );

  it('a download during repairs of its blob gets good bytes to the end, or an error', async () => {
    const { archive, digest, path: at } = await use.publish('meanwhile', true);
    for (let round = 0; round < 5; round += 1) {
      await damage(use.registry, digest, round % 2 === 0 ? 'flipped' : 'gone');
      const downloads = Array.from({ length: 6 }, async () => {
        const response = await use.registry.api(at);
        const bytes = await bytesOf(response);
        if (response.status === 200 && bytes) expect(bytes.equals(archive)).toBe(true);
        else if (response.status !== 200) expect(response.status).toBe(500);
      });
      await use.download(at);
      const repairs = [1, 2].map(async () => {
        const put = await use.registry.api(at, { method: 'PUT', body: chartForm(archive) });
        expect([200, 423]).toContain(put.status);
      });
      const { registry: parts, log } = use.registry.context;
      const collection = collectGarbage({ ...parts, log }, { graceSeconds: 0 });
      await Promise.all([...downloads, ...repairs, collection]);
      expect((await use.download(at))?.equals(archive)).toBe(true);
    }
  });

  it('a fault of a blob without references is forgotten', async () => {
    const { digest, path: at } = await use.publish('forgotten');
    await damage(use.registry, digest, 'flipped');
    expect((await use.registry.api(at)).status).toBe(500);
    await use.registry.api('/spaces/forgotten', { method: 'DELETE' });
    await use.verify();
    expect(await use.faultOf(digest)).toBeUndefined();
  });

  it('a fault is forgotten when a read finds good bytes in the store', async () => {
    const { archive, digest, path: at } = await use.publish('restored', true);
    await damage(use.registry, digest, 'flipped');
    await use.download(at);
    await expect.poll(() => use.faultOf(digest)).toMatchObject({ fault: 'damaged' });
    await use.registry.context.store.put(
      { digest, size: archive.length, open: () => readableOf(archive) },
      { replace: true },
    );
    expect((await use.registry.api(at, { headers: { Range: 'bytes=0-9' } })).status).toBe(206);
    expect(await use.faultOf(digest)).toBeUndefined();
  });

  it('a blob with a fault is not redirected to', async () => {
    if (use.bucket.s3Bucket === undefined) return;
    const redirecting = await startEmbedded({
      ...use.bucket,
      s3Bucket: 'redirecting',
      s3Redirect: true,
      logLevel: 'silent',
    });
    onTestFinished(() => redirecting.close());
    const archive = await chartOfSize('web', false);
    await redirecting.upload('lib', archive);
    expect((await redirecting.api(lib, { redirect: 'manual' })).status).toBe(307);
    await damage(redirecting, digestOf(archive), 'flipped');
    await verifyRegistry(redirecting.db, redirecting.context.store, {
      graceMs: 0,
      onFault: () => undefined,
    });
    expect((await redirecting.api(lib, { redirect: 'manual' })).status).toBe(500);
    await damage(redirecting, digestOf(archive), 'gone');
    const gone = await redirecting.api(lib, { redirect: 'manual' });
    expect((await errorOf(gone)).code).toBe('blob.missing');
  });

  it('a provenance file with a fault is refused, and repaired by attaching it again', async () => {
    const { archive, digest, path: at } = await use.publish('signed');
    const provenance = Buffer.from(
      `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: ${digest}\n-----BEGIN PGP SIGNATURE-----\n\nwsBcBAEBCgAQBQJ\n=abcd\n-----END PGP SIGNATURE-----\n`,
    );
    const attach = () =>
      use.registry.api(`${at}/provenance`, { method: 'PUT', body: new Uint8Array(provenance) });
    expect((await attach()).status).toBe(204);
    // A bucket has no folders.
    for (const how of use.bucket.s3Bucket === undefined ? allDamages : damages) {
      await damage(use.registry, digestOf(provenance), how);
      for (const door of [`/api/v1${at}/provenance`, '/signed/charts/web-1.0.0.tgz.prov'])
        expect((await use.registry.request(door)).status).toBe(500);
      expect((await attach()).status).toBe(204);
      const got = await use.registry.request('/signed/charts/web-1.0.0.tgz.prov');
      expect(await bytesOf(got)).toEqual(provenance);
    }
    expect(await use.download(at)).toEqual(archive);
  });
});
