import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../core/blobs/content.ts';
import type { Digest } from '../core/blobs/port.ts';
import { objectKey } from '../core/blobs/s3/keys.ts';
import { errorOf } from './support/answers.ts';
import { chartOfSize } from './support/damage.ts';
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
