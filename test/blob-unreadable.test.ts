import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../core/blobs/content.ts';
import type { Digest } from '../core/blobs/port.ts';
import { objectKey } from '../core/blobs/s3/keys.ts';
import { errorOf } from './support/answers.ts';
import { chartForm } from './support/client.ts';
import { chartOfSize, damage } from './support/damage.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

const path = '/spaces/lib/charts/web/versions/1.0.0';

/** Makes the store fail to open the current file of a blob, with a system error; a new file can be opened. */
function failToOpen({ context: { store }, dataDir }: EmbeddedRegistry, of: Digest, code: string): void {
  const file = join(dataDir, 'blobs', objectKey(of));
  const { ino } = statSync(file);
  const { open } = store;
  store.open = (...params) =>
    statSync(file).ino === ino
      ? Promise.reject(Object.assign(new Error('the system refuses'), { code }))
      : open(...params);
}

// The store itself refuses, because tests may run as root, who can read a file of any mode.
it.each([
  ['EACCES', false],
  ['EACCES', true],
  ['EIO', false],
  ['EIO', true],
] as const)(
  'a blob that cannot be read (%s, large: %s) is refused, counted, and repaired',
  async (code, large) => {
    const registry = await startEmbedded({ logLevel: 'silent' }, { worker: false });
    onTestFinished(() => registry.close());
    const archive = await chartOfSize('web', large);
    expect((await registry.upload('lib', archive)).status).toBe(201);
    failToOpen(registry, digestOf(archive), code);
    for (const headers of [{}, { Range: 'bytes=0-1' }]) {
      const refused = await registry.api(path, { headers });
      expect([refused.status, (await errorOf(refused)).code]).toEqual([500, 'blob.damaged']);
    }
    const faults = () => registry.db.query<{ refused: number }>('SELECT refused FROM blob_faults');
    expect(await faults()).toEqual([{ refused: 2 }]);
    expect((await registry.api(path, { method: 'HEAD' })).status).toBe(500);
    expect((await registry.upload('lib', archive)).status).toBe(409);
    expect(digestOf(Buffer.from(await (await registry.api(path)).arrayBuffer()))).toBe(digestOf(archive));
    expect(await faults()).toEqual([]);
  },
);

it.each(['EMFILE', 'ECONNRESET', 'EROFS'])(
  'a read with a transient error (%s) is 503, and no fault is recorded',
  async (code) => {
    const registry = await startEmbedded({ logLevel: 'silent' }, { worker: false });
    onTestFinished(() => registry.close());
    const archive = await chartOfSize('web', false);
    expect((await registry.upload('lib', archive)).status).toBe(201);
    const { store } = registry.context;
    const { open } = store;
    failToOpen(registry, digestOf(archive), code);
    const refused = await registry.api(path);
    expect([refused.status, (await errorOf(refused)).code]).toEqual([503, 'service.unavailable']);
    expect(await registry.db.query('SELECT digest FROM blob_faults')).toEqual([]);
    store.open = open;
    expect((await registry.api(path)).status).toBe(200);
  },
);

it('a blob that is repaired while it is examined keeps no fault', async () => {
  const registry = await startEmbedded({ logLevel: 'silent' }, { worker: false });
  onTestFinished(() => registry.close());
  const { store } = registry.context;
  const { open } = store;
  const faults = () => registry.db.query('SELECT digest, fault FROM blob_faults');
  for (const how of ['flipped', 'gone'] as const) {
    for (const isKnown of [false, true]) {
      const which = `${how}, known: ${isKnown}`;
      const space = `${how}-${isKnown}`;
      const archive = await chartOfSize('web', false);
      const digest = digestOf(archive);
      const versionPath = `/spaces/${space}/charts/web/versions/1.0.0`;
      const read = () => registry.api(versionPath);
      expect((await registry.upload(space, archive)).status, which).toBe(201);
      await damage(registry, digest, how);
      if (isKnown) expect((await read()).status, which).toBe(500);
      let reads = 0;
      let repair: number | undefined;
      store.open = async (...params) => {
        const stored = await open(...params);
        reads += 1;
        // The first read finds the fault, the second one examines it: its bytes are those of before the repair.
        if (reads !== 2) return stored;
        const bytes = stored && (await buffer(stored));
        repair = (await registry.api(versionPath, { method: 'PUT', body: chartForm(archive) })).status;
        return bytes && Readable.from([bytes]);
      };
      const answer = await read();
      store.open = open;
      expect([repair, answer.status], which).toEqual([200, 200]);
      expect(Buffer.from(await answer.arrayBuffer()).equals(archive), which).toBe(true);
      expect(await faults(), which).toEqual([]);
    }
  }
});
