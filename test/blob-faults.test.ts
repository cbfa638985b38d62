import { describe, expect, it } from 'vitest';
import { errorOf } from './support/answers.ts';
import { chartForm } from './support/client.ts';
import { damage, damages } from './support/damage.ts';
import { bytesOf, onEachStore } from './support/faults.ts';
import { openRepository } from './support/oci.ts';

onEachStore(
  'blobs with a fault',
  (use) => {
    describe.each([false, true])('of a large chart: %s', (large) => {
      describe.each(damages)('%s', (how) => {
        const space = `${large ? 'large' : 'small'}-${how.replace(' ', '-')}`;

        it(`a blob that is ${how} is refused through every interface, recorded and counted, large: ${large}`, async () => {
          const { digest, path: at } = await use.publish(space, large);
          await damage(use.registry, digest, how);
          const code = how === 'gone' ? 'blob.missing' : 'blob.damaged';
          const first = await use.registry.api(at, { headers: { 'X-Request-Id': 'find-me' } });
          // A flipped byte in a large blob is only found while the blob is streamed.
          if (first.status === 200) {
            expect([large, how]).toEqual([true, 'flipped']);
            expect(await bytesOf(first)).toBeUndefined();
          } else {
            expect(first.status).toBe(500);
            expect(await errorOf(first)).toMatchObject({ code, details: { digest, request: 'find-me' } });
          }
          await expect
            .poll(() => use.faultOf(digest))
            .toEqual({ fault: how === 'gone' ? 'missing' : 'damaged', refused: 1 });
          const doors = [
            `/api/v1${at}`,
            `/${space}/charts/web-1.0.0.tgz`,
            `/v2/${space}/web/blobs/${digest}`,
            `/api/${space}/charts/web/1.0.0/templates`,
            `/api/${space}/charts/web/1.0.0/values`,
            `/api/v1/spaces/${space}/charts/web/versions/1.0.0/files`,
            `/api/v1/spaces/${space}/charts/web/versions/1.0.0/files/values.yaml`,
            `/api/v1/spaces/${space}/charts/web/versions/1.0.0/manifests/values?origin=true`,
          ];
          for (const door of doors) {
            const response = await use.registry.request(door);
            const got = await bytesOf(response);
            if (response.status === 500) expect(got?.toString(), door).toContain(`"${code}"`);
            else expect(got, door).toBeUndefined();
          }
          const part = await use.registry.api(at, { headers: { Range: 'bytes=1-2' } });
          expect([part.status, (await errorOf(part)).code]).toEqual([500, code]);
          expect((await use.registry.api(at, { method: 'HEAD' })).status).toBe(500);
          expect((await use.faultOf(digest))?.refused).toBeGreaterThanOrEqual(doors.length);
        });

        it(`a blob that is ${how} is repaired by a PUT of the same archive, large: ${large}`, async () => {
          const { archive, digest, path: at } = await use.publish(`${space}-put`, large);
          await damage(use.registry, digest, how);
          if (large) await use.download(at);
          const put = await use.registry.api(at, { method: 'PUT', body: chartForm(archive) });
          expect(put.status).toBe(200);
          expect(await use.download(at)).toEqual(archive);
          expect(await use.faultOf(digest)).toBeUndefined();
        });

        it(`a blob that is ${how} is repaired by an upload that is refused for its version, large: ${large}`, async () => {
          const { archive, digest, path: at } = await use.publish(`${space}-post`, large);
          await damage(use.registry, digest, how);
          if (large) await use.download(at);
          expect((await use.registry.upload(`${space}-post`, archive)).status).toBe(409);
          expect(await use.download(at)).toEqual(archive);
        });

        it(`a blob that is ${how} is repaired by deleting the version and uploading it again, large: ${large}`, async () => {
          const { archive, digest, path: at } = await use.publish(`${space}-again`, large);
          await damage(use.registry, digest, how);
          if (large) await use.download(at);
          expect((await use.registry.api(at, { method: 'DELETE' })).status).toBe(204);
          expect((await use.registry.upload(`${space}-again`, archive)).status).toBe(201);
          expect(await use.download(at)).toEqual(archive);
          expect(await use.faultOf(digest)).toBeUndefined();
        });

        it(`a blob that is ${how} is found by verify, and repaired by a push with the blob, large: ${large}`, async () => {
          const { archive, digest, path: at } = await use.publish(`${space}-push`, large);
          await damage(use.registry, digest, how);
          expect(await use.verify()).toContainEqual(
            expect.stringContaining(`${space}-push/web/1.0.0: the blob ${digest}`),
          );
          expect(await use.faultOf(digest)).toMatchObject({ refused: 0 });
          const repository = openRepository(use.registry, `${space}-push/web`);
          expect((await repository.call(`blobs/${digest}`, { method: 'HEAD' })).status).toBe(404);
          const mounted = await repository.call(`blobs/uploads/?mount=${digest}&from=${space}-push/web`, {
            method: 'POST',
          });
          expect(mounted.status).toBe(202);
          expect((await repository.pushChart(archive, '1.0.0')).response.status).toBe(201);
          expect(await use.download(at)).toEqual(archive);
          expect((await repository.call(`blobs/${digest}`, { method: 'HEAD' })).status).toBe(200);
          expect((await use.verify()).filter((line) => line.includes(digest))).toEqual([]);
          expect(await use.faultOf(digest)).toBeUndefined();
        });

        it(`a blob that is ${how} is repaired by a push of the same manifest, which HEAD reports missing, large: ${large}`, async () => {
          const { archive, digest, path: at } = await use.publish(`${space}-repush`, large);
          const repository = openRepository(use.registry, `${space}-repush/web`);
          const pushed = await repository.pushChart(archive, '1.0.0');
          const manifest = pushed.response.headers.get('docker-content-digest') ?? '';
          const ask = async () => (await repository.call(`manifests/${manifest}`, { method: 'HEAD' })).status;
          expect(await ask()).toBe(200);
          await damage(use.registry, digest, how);
          // Faults of a large blob are only known after a read.
          expect((await bytesOf(await use.registry.api(at)))?.equals(archive) ?? false).toBe(false);
          expect(await ask()).toBe(404);
          expect((await repository.pushChart(archive, '1.0.0')).response.status).toBe(201);
          expect(await ask()).toBe(200);
          expect(await use.download(at)).toEqual(archive);
        });
      });
    });
  },
  { worker: false },
);
