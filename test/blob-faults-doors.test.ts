import { describe, expect, it } from 'vitest';
import { digestOf } from '../core/blobs/content.ts';
import { errorOf } from './support/answers.ts';
import { chartForm } from './support/client.ts';
import { allDamages, chartOfSize, damage } from './support/damage.ts';
import { bytesOf, type FaultTools, onEachStore } from './support/faults.ts';
import { openRepository } from './support/oci.ts';

const statusOf = async (response: Promise<Response>) => (await response).status;

/** Interface through which a client uploads an archive that is already stored. */
interface Door {
  /** Uploads the archive. @returns the statuses of the responses */
  send(use: FaultTools, space: string, archive: Buffer): Promise<number[]>;
  /** Expected statuses. */
  statuses: number[];
}

const doors: Record<string, Door> = {
  'an upload': {
    send: async ({ registry }, space, archive) => [(await registry.upload(space, archive)).status],
    statuses: [409],
  },
  'a PUT': {
    send: async ({ registry }, space, archive) => [
      await statusOf(
        registry.api(`/spaces/${space}/charts/web/versions/1.0.0`, {
          method: 'PUT',
          body: chartForm(archive),
        }),
      ),
    ],
    statuses: [200],
  },
  ChartMuseum: {
    send: async ({ registry }, space, archive) => [
      await statusOf(
        registry.request(`/api/${space}/charts`, { method: 'POST', body: new Uint8Array(archive) }),
      ),
    ],
    statuses: [409],
  },
  'a blob in one piece': {
    send: async ({ registry }, space, archive) => [
      await statusOf(openRepository(registry, `${space}/web`).pushBlob(archive)),
    ],
    statuses: [201],
  },
  'a blob in chunks': {
    async send({ registry }, space, archive) {
      const repository = openRepository(registry, `${space}/web`);
      const half = archive.length >> 1;
      const begun = await repository.begin();
      const first = await repository.patch(begun, archive.subarray(0, half), `0-${half - 1}`);
      const location = first.headers.get('location') ?? '';
      const range = `${half}-${archive.length - 1}`;
      const second = await repository.patch(location, archive.subarray(half), range);
      const last = await repository.finish(second.headers.get('location') ?? '', digestOf(archive));
      return [first.status, second.status, last.status];
    },
    statuses: [202, 202, 201],
  },
  'a mount into another repository': {
    async send({ registry }, space, archive) {
      const other = openRepository(registry, `${space}-other/any`);
      const query = `mount=${digestOf(archive)}&from=${space}/web`;
      const mounted = await other.call(`blobs/uploads/?${query}`, { method: 'POST' });
      const location = mounted.headers.get('location') ?? '';
      return [mounted.status, await statusOf(other.finish(location, digestOf(archive), archive))];
    },
    statuses: [202, 201],
  },
};

onEachStore('a blob with a fault', (use) => {
  describe.each(allDamages)('%s', (how) => {
    const code = how === 'gone' ? 'blob.missing' : 'blob.damaged';
    const isFolder = how === 'a folder' || how === 'a full folder';

    it.each([false, true])(
      `a blob that is ${how} is refused, and repaired through every interface, large: %s`,
      async (large) => {
        if (isFolder && use.bucket.s3Bucket !== undefined) return;
        for (const [door, { send, statuses }] of Object.entries(doors)) {
          const space = `${how} ${large} ${door}`.toLowerCase().replaceAll(' ', '-');
          const { archive, digest, path } = await use.publish(space, large);
          await damage(use.registry, digest, how);
          const refused = await use.registry.api(path);
          // A flipped byte in a large blob is only found while the blob is streamed.
          if (large && how === 'flipped') expect(await bytesOf(refused), door).toBeUndefined();
          else expect([refused.status, (await errorOf(refused)).code], door).toEqual([500, code]);
          // The worker that prepares sources may have been refused too.
          await expect.poll(async () => (await use.faultOf(digest))?.refused).toBeGreaterThanOrEqual(1);
          expect(await send(use, space, archive), door).toEqual(statuses);
          expect((await use.download(path))?.equals(archive), door).toBe(true);
          // An examination by the worker that began before the repair ends with a second one.
          await expect.poll(() => use.faultOf(digest), { message: door }).toBeUndefined();
        }
      },
    );

    it(`a blob that is ${how} is repaired by an upload before any read has found the fault`, async () => {
      if (isFolder && use.bucket.s3Bucket !== undefined) return;
      // Flipped bytes of a large blob are found by a read only.
      for (const large of how === 'flipped' ? [false] : [false, true]) {
        const space = `unmet-${how}-${large}`.replaceAll(' ', '-');
        const { archive, digest, path } = await use.publish(space, large);
        await damage(use.registry, digest, how);
        expect((await use.registry.upload(space, archive)).status).toBe(409);
        expect((await use.download(path))?.equals(archive)).toBe(true);
      }
    });

    it(`an artifact whose configuration or layer is ${how} is refused, and repaired by a push`, async () => {
      if (isFolder && use.bucket.s3Bucket !== undefined) return;
      const repository = openRepository(use.registry, 'artifacts/any');
      const layer = await chartOfSize('layer', false);
      await repository.pushArtifact('v1', layer);
      for (const bytes of [Buffer.from('{}'), layer]) {
        const digest = digestOf(bytes);
        await damage(use.registry, digest, how);
        const refused = await repository.call(`blobs/${digest}`);
        expect(refused.status).toBe(500);
        expect(await refused.text()).toContain(`"${code}"`);
        expect(await use.faultOf(digest)).toMatchObject({ refused: 1 });
        expect(await statusOf(repository.call(`blobs/${digest}`, { method: 'HEAD' }))).toBe(404);
        expect((await repository.pushArtifact('v1', layer)).response.status).toBe(201);
        const got = await bytesOf(await repository.call(`blobs/${digest}`));
        expect(got?.equals(bytes)).toBe(true);
        expect(await use.faultOf(digest)).toBeUndefined();
      }
    });

    it(`a blob that is ${how} is collected after its last reference is deleted`, async () => {
      if (isFolder && use.bucket.s3Bucket !== undefined) return;
      const { digest, path } = await use.publish(`collected-${how.replaceAll(' ', '-')}`);
      await damage(use.registry, digest, how);
      expect((await use.registry.api(path)).status).toBe(500);
      expect((await use.registry.api(path, { method: 'DELETE' })).status).toBe(204);
      const collected = await use.collect();
      expect(collected).toMatchObject({ failed: 0 });
      expect((await use.verify()).filter((line) => line.includes(digest))).toEqual([]);
    });
  });
});
