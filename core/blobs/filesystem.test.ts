import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeBlobStore } from '../../test/suites/blobs.ts';
import { contentOf, digestOf } from './content.ts';
import { createFileWriterThread } from './file-writer.ts';
import { createFilesystemBlobs } from './filesystem.ts';
import type { Digest } from './port.ts';

async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

for (const [name, beforeThread] of [
  ['the filesystem', Number.POSITIVE_INFINITY],
  ['the filesystem, with the writer thread', 0],
] as const) {
  describeBlobStore(name, async () => {
    const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
    return {
      store: await createFilesystemBlobs(root, { beforeThread }),
      list: () => listFiles(root),
      dispose: () => rm(root, { recursive: true }),
    };
  });
}

describe('blobs on the filesystem', () => {
  it('removes old drafts on the filesystem, and keeps blobs and recent drafts', async () => {
    const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const content = contentOf(Buffer.from('kept'));
    await (await createFilesystemBlobs(root)).put(content);
    await writeFile(join(root, 'tmp', 'cut-short'), 'ha');
    await mkdir(join(root, 'tmp', 'folder'));
    const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(join(root, 'tmp', 'folder'), longAgo, longAgo);
    const store = await createFilesystemBlobs(root);
    expect(await readdir(join(root, 'tmp'))).toEqual(['cut-short']);
    await createFilesystemBlobs(root, { abandonedAfter: 0 });
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
    expect(await store.stat(content.digest)).toEqual({ size: 4 });
    const hex = content.digest.slice('sha256:'.length);
    expect((await stat(join(root, 'sha256', hex.slice(0, 2), hex))).size).toBe(4);
  });

  it('refuses a path on the filesystem that is no digest', async () => {
    const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const store = await createFilesystemBlobs(root);
    const outside: Digest = 'sha256:../../../etc/passwd';
    await expect(store.open(outside)).rejects.toThrow('not a digest');
    await expect(store.delete(outside)).rejects.toThrow('not a digest');
  });

  it('fails with STORE_GONE when the folder of blobs is gone', async () => {
    const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
    const store = await createFilesystemBlobs(root);
    await rm(root, { recursive: true });
    await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_GONE' });
  });

  it('keeps no file of bytes that do not match their digest, and passes on the error of the disk', async () => {
    const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const store = await createFilesystemBlobs(root, { beforeThread: 0 });
    onTestFinished(() => store.close());
    const truth = contentOf(Buffer.from('the truth'));
    const lie = contentOf(Buffer.from('9 letters'));
    await expect(store.put({ ...truth, digest: lie.digest })).rejects.toThrow(lie.digest);
    expect(await listFiles(root)).toEqual([]);
    await rm(join(root, 'tmp'), { recursive: true });
    await expect(store.put(truth)).rejects.toMatchObject({ code: 'STORE_GONE' });
  });

  it('starts another writer thread when one has ended', async () => {
    const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const writer = createFileWriterThread();
    onTestFinished(() => writer.close());
    const file = (name: string, bytes = Buffer.from(name)) => {
      return {
        bytes,
        digest: digestOf(bytes),
        draft: join(root, `${name}.draft`),
        path: join(root, 'made', name),
      };
    };
    await writer.write(file('first'));
    // As many as run concurrently, and more than the thread can write before it is ended.
    const cut = Promise.allSettled(
      Array.from({ length: 16 }, (_, index) =>
        writer.write(file(`cut-${index}`, Buffer.alloc(1024 * 1024, index))),
      ),
    );
    await writer.close();
    expect(await cut).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining({ message: expect.stringContaining('has ended') }),
    });
    await writer.write(file('third'));
    expect(await readFile(join(root, 'made', 'third'), 'utf8')).toBe('third');
  });
});
