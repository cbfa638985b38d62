import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, readableOf } from '../core/blobs/content.ts';
import type { Digest } from '../core/blobs/port.ts';
import type { Config } from '../core/config/settings.ts';
import { collectGarbage } from '../core/upkeep/collect.ts';
import { verifyRegistry } from '../core/upkeep/verify.ts';
import { errorOf, jobOf } from './support/answers.ts';
import { chartForm } from './support/client.ts';
import { chartOfSize, damage, damages } from './support/damage.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { chartTypes, descriptor, openRepository, problemOf } from './support/oci.ts';
import { hasMinio, startMinio, type TestObjectStore } from './support/servers/object-store.ts';

const path = '/spaces/lib/charts/web/versions/1.0.0';

/** Downloads to the end. @returns the bytes, or undefined where the connection was cut before it */
const bytesOf = (response: Response) =>
  response.arrayBuffer().then(
    (bytes) => Buffer.from(bytes),
    () => undefined,
  );

for (const place of ['a folder', 'a bucket of MinIO'] as const) {
  describe.skipIf(place !== 'a folder' && !hasMinio())(`blobs with a fault, in ${place}`, () => {
    let minio: TestObjectStore | undefined;
    let registry: EmbeddedRegistry;
    let bucket: Partial<Config> = {};

    beforeAll(async () => {
      minio = place === 'a folder' ? undefined : await startMinio();
      if (minio) {
        const { endpoint, accessKey, secretKey } = minio;
        bucket = { s3Endpoint: endpoint, s3AccessKey: accessKey, s3SecretKey: secretKey, s3Bucket: 'faults' };
      }
      registry = await startEmbedded({ ...bucket, gcInterval: 0, logLevel: 'silent' });
    });
    afterAll(async () => {
      await registry.close();
      await minio?.dispose();
    });

    const faultOf = async (digest: Digest) => {
      const [row] = await registry.db.query<{ fault: string; refused: number }>(
        'SELECT fault, refused FROM blob_faults WHERE digest = $1',
        [digest],
      );
      return row;
    };
    const verify = async () => {
      const lines: string[] = [];
      const verified = await verifyRegistry(registry.db, registry.context.store, {
        patience: 0,
        onFault: (line) => lines.push(line),
      });
      return { ...verified, lines };
    };
    /** A fresh version of the chart in a space of its own. */
    const publish = async (space: string, large = false) => {
      const archive = await chartOfSize('web', large);
      expect((await registry.upload(space, archive)).status).toBe(201);
      return { archive, digest: digestOf(archive), path: path.replace('lib', space) };
    };
    const whole = async (at: string) => bytesOf(await registry.api(at));

    describe.each([false, true])('of a large chart: %s', (large) => {
      describe.each(damages)('%s', (how) => {
        const space = `${large ? 'large' : 'small'}-${how.replace(' ', '-')}`;

        it('are refused by every door, told to the operator, and counted', async () => {
          const { digest, path: at } = await publish(space, large);
          await damage(registry, digest, how);
          const code = how === 'gone' ? 'blob.missing' : 'blob.damaged';
          const first = await registry.api(at, { headers: { 'X-Request-Id': 'find-me' } });
          // What is long and has the right size is found to be wrong only on the way.
          if (first.status === 200) {
            expect([large, how]).toEqual([true, 'flipped']);
            expect(await bytesOf(first)).toBeUndefined();
          } else {
            expect(first.status).toBe(500);
            expect(await errorOf(first)).toMatchObject({ code, details: { digest, request: 'find-me' } });
          }
          await expect
            .poll(() => faultOf(digest))
            .toEqual({ fault: how === 'gone' ? 'missing' : 'damaged', refused: 1 });
          const doors = [
            `/api/v1${at}`,
            `/${space}/charts/web-1.0.0.tgz`,
            `/v2/${space}/web/blobs/${digest}`,
            `/api/${space}/charts/web/1.0.0/templates`,
          ];
          for (const door of doors) {
            const response = await registry.request(door);
            const got = await bytesOf(response);
            if (response.status === 500) expect(got?.toString(), door).toContain(`"${code}"`);
            else expect(got, door).toBeUndefined();
          }
          const part = await registry.api(at, { headers: { Range: 'bytes=1-2' } });
          expect([part.status, (await errorOf(part)).code]).toEqual([500, code]);
          expect((await registry.api(at, { method: 'HEAD' })).status).toBe(500);
          expect((await faultOf(digest))?.refused).toBeGreaterThanOrEqual(doors.length);
        });

        it('are mended by a PUT of the same archive, which changes nothing else', async () => {
          const { archive, digest, path: at } = await publish(`${space}-put`, large);
          await damage(registry, digest, how);
          if (large) await whole(at).catch(() => undefined);
          const put = await registry.api(at, { method: 'PUT', body: chartForm(archive) });
          expect(put.status).toBe(200);
          expect(await whole(at)).toEqual(archive);
          expect(await faultOf(digest)).toBeUndefined();
        });

        it('are mended by an upload that is refused, since the version is there', async () => {
          const { archive, digest, path: at } = await publish(`${space}-post`, large);
          await damage(registry, digest, how);
          if (large) await whole(at).catch(() => undefined);
          expect((await registry.upload(`${space}-post`, archive)).status).toBe(409);
          expect(await whole(at)).toEqual(archive);
        });

        it('are mended by deleting the version and uploading it again', async () => {
          const { archive, digest, path: at } = await publish(`${space}-again`, large);
          await damage(registry, digest, how);
          if (large) await whole(at).catch(() => undefined);
          expect((await registry.api(at, { method: 'DELETE' })).status).toBe(204);
          expect((await registry.upload(`${space}-again`, archive)).status).toBe(201);
          expect(await whole(at)).toEqual(archive);
          expect(await faultOf(digest)).toBeUndefined();
        });

        it('are found by verify, and mended by a push, which is told to bring the blob', async () => {
          const { archive, digest, path: at } = await publish(`${space}-push`, large);
          await damage(registry, digest, how);
          expect((await verify()).lines).toContainEqual(
            expect.stringContaining(`${space}-push/web/1.0.0: the blob ${digest}`),
          );
          expect(await faultOf(digest)).toMatchObject({ refused: 0 });
          const repository = openRepository(registry, `${space}-push/web`);
          expect((await repository.call(`blobs/${digest}`, { method: 'HEAD' })).status).toBe(404);
          const mounted = await repository.call(`blobs/uploads/?mount=${digest}&from=${space}-push/web`, {
            method: 'POST',
          });
          expect(mounted.status).toBe(202);
          expect((await repository.pushChart(archive, '1.0.0')).response.status).toBe(201);
          expect(await whole(at)).toEqual(archive);
          expect((await repository.call(`blobs/${digest}`, { method: 'HEAD' })).status).toBe(200);
          expect((await verify()).lines.filter((line) => line.includes(digest))).toEqual([]);
          expect(await faultOf(digest)).toBeUndefined();
        });
      });
    });

    it("that a manifest is pushed over are the store's fault, not the client's", async () => {
      const { archive, digest } = await publish('pushed', true);
      const repository = openRepository(registry, 'pushed/web');
      const config = JSON.stringify({ name: 'web', version: '1.0.0' });
      await repository.pushBlob(config);
      await repository.pushBlob(archive);
      await damage(registry, digest, 'flipped');
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
      expect(await faultOf(digest)).toMatchObject({ fault: 'damaged' });
    });

    it.each(['flipped', 'gone'] as const)('fail a recipe at once, and name the source: %s', async (how) => {
      const space = `recipe-${how}`;
      const { archive, digest } = await publish(space, true);
      await damage(registry, digest, how);
      const recipe = (name: string) => ({
        save: { chart: name, version: '1.0.0' },
        configs: { package: { independent: true, space, chart: 'web', version: '1.0.0' } },
      });
      const response = await registry.orchestrate(space, recipe('shop'));
      expect(response.status).toBe(500);
      const told = await errorOf(response);
      expect(told).toMatchObject({
        code: how === 'gone' ? 'blob.missing' : 'blob.damaged',
        details: { digest, source: { space, chart: 'web', version: '1.0.0' } },
      });
      expect(told.message).toContain(`${space}/web/1.0.0`);
      const dry = await registry.api(`/spaces/${space}/charts?dryRun=true`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(recipe('other')),
      });
      expect([dry.status, (await errorOf(dry)).message]).toEqual([
        500,
        expect.stringContaining(`${space}/web/1.0.0`),
      ]);
      const queued = await jobOf(await registry.orchestrate(space, recipe('later'), {}));
      await expect
        .poll(async () => (await jobOf(await registry.api(`/jobs/${queued.id}`))).state)
        .toBe('failed');
      expect(await jobOf(await registry.api(`/jobs/${queued.id}`))).toMatchObject({ attempts: 1 });
      expect(
        (await registry.api(path.replace('lib', space), { method: 'PUT', body: chartForm(archive) })).status,
      ).toBe(200);
      expect((await registry.orchestrate(space, recipe('shop'))).status).toBe(201);
    });

    it('are mended while others download: each gets good bytes to the end, or an error', async () => {
      const { archive, digest, path: at } = await publish('meanwhile', true);
      for (let round = 0; round < 5; round += 1) {
        await damage(registry, digest, round % 2 === 0 ? 'flipped' : 'gone');
        const downloads = Array.from({ length: 6 }, async () => {
          const response = await registry.api(at);
          const bytes = await bytesOf(response);
          if (response.status === 200 && bytes) expect(bytes.equals(archive)).toBe(true);
          else if (response.status !== 200) expect(response.status).toBe(500);
        });
        await whole(at);
        const menders = [1, 2].map(async () => {
          const put = await registry.api(at, { method: 'PUT', body: chartForm(archive) });
          expect([200, 423]).toContain(put.status);
        });
        const { registry: parts, log } = registry.context;
        const collection = collectGarbage({ ...parts, log }, { grace: 0 });
        await Promise.all([...downloads, ...menders, collection]);
        expect((await whole(at))?.equals(archive)).toBe(true);
      }
    });

    it('are forgotten when nothing names them any more', async () => {
      const { digest, path: at } = await publish('forgotten');
      await damage(registry, digest, 'flipped');
      expect((await registry.api(at)).status).toBe(500);
      await registry.api('/spaces/forgotten', { method: 'DELETE' });
      await verify();
      expect(await faultOf(digest)).toBeUndefined();
    });

    it('do not stay known once somebody has put good bytes there by himself', async () => {
      const { archive, digest, path: at } = await publish('restored', true);
      await damage(registry, digest, 'flipped');
      await whole(at);
      await expect.poll(() => faultOf(digest)).toMatchObject({ fault: 'damaged' });
      await registry.context.store.put(
        { digest, size: archive.length, open: () => readableOf(archive) },
        { replace: true },
      );
      expect((await registry.api(at, { headers: { Range: 'bytes=0-9' } })).status).toBe(206);
      expect(await faultOf(digest)).toBeUndefined();
    });

    it('are not sent to by a redirect', async () => {
      if (place === 'a folder') return;
      const redirecting = await startEmbedded({
        ...bucket,
        s3Bucket: 'redirecting',
        s3Redirect: true,
        logLevel: 'silent',
      });
      const archive = await chartOfSize('web', false);
      await redirecting.upload('lib', archive);
      expect((await redirecting.api(path, { redirect: 'manual' })).status).toBe(307);
      await damage(redirecting, digestOf(archive), 'flipped');
      await verifyRegistry(redirecting.db, redirecting.context.store, {
        patience: 0,
        onFault: () => undefined,
      });
      expect((await redirecting.api(path, { redirect: 'manual' })).status).toBe(500);
      await damage(redirecting, digestOf(archive), 'gone');
      const gone = await redirecting.api(path, { redirect: 'manual' });
      expect((await errorOf(gone)).code).toBe('blob.missing');
      await redirecting.close();
    });

    it('of a provenance file are refused, and mended by attaching it again', async () => {
      const { archive, digest, path: at } = await publish('signed');
      const provenance = Buffer.from(
        `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: ${digest}\n-----BEGIN PGP SIGNATURE-----\n\nwsBcBAEBCgAQBQJ\n=abcd\n-----END PGP SIGNATURE-----\n`,
      );
      const attach = () =>
        registry.api(`${at}/provenance`, { method: 'PUT', body: new Uint8Array(provenance) });
      expect((await attach()).status).toBe(204);
      for (const how of damages) {
        await damage(registry, digestOf(provenance), how);
        for (const door of [`/api/v1${at}/provenance`, '/signed/charts/web-1.0.0.tgz.prov'])
          expect((await registry.request(door)).status).toBe(500);
        expect((await attach()).status).toBe(204);
        const got = await registry.request('/signed/charts/web-1.0.0.tgz.prov');
        expect(await bytesOf(got)).toEqual(provenance);
      }
      expect(await whole(at)).toEqual(archive);
    });
  });
}
