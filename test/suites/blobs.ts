import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentOf, digestOf, readableOf } from '../../core/blobs/content.ts';
import type { BlobStore, Digest, StoredBlob } from '../../core/blobs/port.ts';

/** Blob store to test, with a way to list its content. */
export interface BlobStoreUnderTest {
  store: BlobStore;
  /** Lists the names of all stored files or objects, drafts included. */
  list(): Promise<string[]>;
  /** Runs after the last test. */
  dispose(): Promise<void>;
}

/** Tests the rules of the port BlobStore; every driver must pass. */
export function describeBlobStore(name: string, create: () => Promise<BlobStoreUnderTest>): void {
  describe(`blob store on ${name}`, () => {
    let under: BlobStoreUnderTest;
    let store: BlobStore;

    beforeAll(async () => {
      under = await create();
      store = under.store;
    });
    afterAll(async () => {
      await store.close();
      await under.dispose();
    });

    const read = async (digest: Digest, range?: { first: number; last: number }) => {
      const stream = await store.open(digest, range);
      return stream && buffer(stream);
    };
    const readText = async (digest: Digest, range?: { first: number; last: number }) =>
      (await read(digest, range))?.toString('latin1');
    // Compare digests instead of bytes, because a failed test prints them.
    const readDigest = async (digest: Digest) => digestOf((await read(digest)) ?? Buffer.from('nothing'));

    it('the blob store reads stored blobs byte for byte', async () => {
      for (const size of [0, 1, 65_536, 3_000_000]) {
        const content = contentOf(randomBytes(size));
        await store.put(content);
        expect(await store.stat(content.digest)).toEqual({ size });
        expect(await readDigest(content.digest)).toBe(content.digest);
      }
    });

    it('the blob store opens a range with both ends included', async () => {
      const content = contentOf(Buffer.from('0123456789'));
      await store.put(content);
      expect(await readText(content.digest, { first: 0, last: 0 })).toBe('0');
      expect(await readText(content.digest, { first: 3, last: 6 })).toBe('3456');
      expect(await readText(content.digest, { first: 9, last: 9 })).toBe('9');
    });

    it('the blob store returns undefined for a missing blob', async () => {
      const digest = digestOf(Buffer.from('never stored'));
      expect(await store.open(digest)).toBeUndefined();
      expect(await store.open(digest, { first: 0, last: 1 })).toBeUndefined();
      expect(await store.stat(digest)).toBeUndefined();
    });

    it('the blob store keeps a blob that is put twice', async () => {
      const content = contentOf(Buffer.from('twice'));
      await store.put(content);
      await store.put(content);
      expect(await readText(content.digest)).toBe('twice');
    });

    it('the blob store accepts one blob from several writers at once', async () => {
      const content = contentOf(randomBytes(500_000));
      const before = await under.list();
      await Promise.all(Array.from({ length: 8 }, () => store.put(content)));
      expect(await readDigest(content.digest)).toBe(content.digest);
      expect(await under.list()).toHaveLength(before.length + 1);
    });

    it('the blob store keeps nothing of content with a wrong digest or size', async () => {
      const bytes = Buffer.from('the truth');
      const other = digestOf(Buffer.from('a lie'));
      const before = await under.list();
      const open = () => readableOf(bytes);
      await expect(store.put({ digest: other, size: bytes.length, open })).rejects.toThrow(other);
      await expect(store.put({ digest: digestOf(bytes), size: 3, open })).rejects.toThrow('3 bytes');
      await expect(store.put({ digest: digestOf(bytes), size: 99, open })).rejects.toThrow('99 bytes');
      expect(await store.stat(other)).toBeUndefined();
      expect(await under.list()).toEqual(before);
    });

    it('the blob store keeps nothing of content whose source fails', async () => {
      const before = await under.list();
      const { digest, size, open: openWhole } = contentOf(randomBytes(100_000));
      const open = () => {
        const stream = openWhole();
        stream.once('data', () => stream.destroy(new Error('the source broke')));
        return stream;
      };
      await expect(store.put({ digest, size, open })).rejects.toThrow();
      expect(await under.list()).toEqual(before);
    });

    it('the blob store deletes blobs, and ignores missing ones', async () => {
      const content = contentOf(Buffer.from('short-lived'));
      await store.put(content);
      await store.delete(content.digest);
      expect(await store.stat(content.digest)).toBeUndefined();
      await store.delete(content.digest);
      await store.put(content);
      expect(await readText(content.digest)).toBe('short-lived');
    });

    it('the blob store lists blobs, each with its size and the time at which it was stored', async () => {
      const contents = [1, 10, 1_000].map((size) => contentOf(randomBytes(size)));
      const before = Date.now() - 2_000;
      for (const content of contents) await store.put(content);
      const gone = contentOf(randomBytes(7));
      await store.put(gone);
      await store.delete(gone.digest);
      const listed = new Map<Digest, StoredBlob>();
      for await (const blob of store.list()) {
        expect(listed.has(blob.digest)).toBe(false);
        listed.set(blob.digest, blob);
      }
      for (const { digest, size } of contents) {
        expect(listed.get(digest)?.size).toBe(size);
        expect(listed.get(digest)?.storedAt.getTime()).toBeGreaterThan(before);
      }
      expect(listed.has(gone.digest)).toBe(false);
    });

    it('the blob store finishes reading a blob that is deleted meanwhile', async () => {
      const content = contentOf(randomBytes(2_000_000));
      await store.put(content);
      const stream = await store.open(content.digest);
      await store.delete(content.digest);
      expect(stream && digestOf(await buffer(stream))).toBe(content.digest);
    });

    it('the blob store answers a ping', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });
  });
}
