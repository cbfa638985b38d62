import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../test/support/postgres.ts';
import { contentOf } from '../blobs/content.ts';
import { createFilesystemBlobs } from '../blobs/filesystem.ts';
import type { BlobStore } from '../blobs/port.ts';
import { storeBlob } from './blob-references.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let folder: string;
let blobs: BlobStore;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'claims-'));
  blobs = await createFilesystemBlobs(folder);
});
afterAll(async () => {
  await blobs.close();
  await rm(folder, { recursive: true, force: true });
  await database.drop();
});

it('a blob that was deleted after staging, and put again by a write that fails, is deleted', async () => {
  const { db } = database;
  const content = contentOf(randomBytes(100));
  await blobs.put(content);
  const failing = storeBlob({ db, blobs }, content, async (blob) => {
    // A garbage collection runs between the staging and the transaction that references the blob.
    await blobs.delete(content.digest);
    return db.transaction(async (tx) => {
      await blob.lockStored(tx);
      expect(await blobs.stat(content.digest)).toEqual({ size: 100 });
      throw new Error('it is refused');
    });
  });
  await expect(failing).rejects.toThrow('it is refused');
  expect(await blobs.stat(content.digest)).toBeUndefined();
});

it('an orphan in its grace period stays when a write of the same bytes fails', async () => {
  const { db } = database;
  const content = contentOf(randomBytes(100));
  await blobs.put(content);
  await db.query('INSERT INTO garbage (digest) VALUES ($1)', [content.digest]);
  const failing = storeBlob({ db, blobs }, content, () => Promise.reject(new Error('it is refused')));
  await expect(failing).rejects.toThrow('it is refused');
  expect(await blobs.stat(content.digest)).toEqual({ size: 100 });
});
