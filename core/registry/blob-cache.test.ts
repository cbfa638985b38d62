import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../test/support/postgres.ts';
import { contentOf } from '../blobs/content.ts';
import { createFilesystemBlobs } from '../blobs/filesystem.ts';
import type { BlobStore } from '../blobs/port.ts';
import { createBlobCache } from './blob-cache.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let folder: string;
let blobs: BlobStore;
let reads = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'blob-cache-'));
  const store = await createFilesystemBlobs(folder);
  blobs = {
    ...store,
    open: (...args) => {
      reads += 1;
      return store.open(...args);
    },
    unchecked: store,
  };
});
afterAll(async () => {
  await blobs.close();
  await rm(folder, { recursive: true, force: true });
  await database.drop();
});

const anyAdmitted = { admit: () => undefined };
const createCache = (options: { recheckMs?: number; maxBytes?: number } = {}) =>
  createBlobCache({ db: database.db, blobs }, { maxBytes: 1_000_000, ...anyAdmitted, ...options });

async function storeBlob(size = 1_000) {
  const content = contentOf(randomBytes(size));
  await blobs.put(content);
  return content;
}

it('reads a blob from the store once, also for simultaneous readers', async () => {
  const { digest, size, bytes } = await storeBlob();
  const cache = createCache();
  reads = 0;
  const all = await Promise.all([1, 2, 3].map(() => cache.read(digest, size)));
  expect(Buffer.from((await cache.read(digest, size)) ?? '').equals(bytes)).toBe(true);
  expect([new Set(all).size, reads]).toEqual([1, 1]);
});

it('accepts blobs up to a sixteenth of its bytes, and none without bytes', () => {
  const cache = createCache();
  expect([62_500, 62_501].map(cache.accepts)).toEqual([true, false]);
  expect(createCache({ maxBytes: 0 }).accepts(1)).toBe(false);
});

it.each(['damaged', 'missing'] as const)(
  'drops the copy of a blob that is %s in the store',
  async (fault) => {
    const { digest, size, bytes } = await storeBlob();
    const cache = createCache({ recheckMs: 0 });
    await cache.read(digest, size);
    if (fault === 'missing') await blobs.delete(digest);
    else {
      const damaged = Buffer.from(bytes ?? '');
      damaged.writeUInt8(damaged.readUInt8(0) ^ 0xff, 0);
      const file = join(folder, 'sha256', digest.slice(7, 9), digest.slice(7));
      await rm(file);
      await writeFile(file, damaged);
    }
    // The copy itself is whole, and is served until the check has ended.
    expect(Buffer.from((await cache.read(digest, size)) ?? '').equals(bytes)).toBe(true);
    reads = 0;
    await expect
      .poll(async () => {
        await cache.read(digest, size);
        return reads;
      })
      .toBeGreaterThan(0);
  },
);

it('keeps no blob where the store fails, and reads again', async () => {
  const { digest, size, bytes } = await storeBlob();
  const cache = createBlobCache(
    {
      db: database.db,
      blobs: { ...blobs, open: failOnce(blobs.open) },
    },
    { maxBytes: 1_000_000, ...anyAdmitted },
  );
  await expect(cache.read(digest, size)).rejects.toThrow('away');
  expect(Buffer.from((await cache.read(digest, size)) ?? '').equals(bytes)).toBe(true);
});

function failOnce(open: BlobStore['open']): BlobStore['open'] {
  let hasFailed = false;
  return async (...args) => {
    if (hasFailed) return open(...args);
    hasFailed = true;
    throw new Error('the store is away');
  };
}
