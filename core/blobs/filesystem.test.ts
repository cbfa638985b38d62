import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
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
    const later = new Date(Date.now() + 60 * 60 * 1000);
    await utimes(join(root, 'tmp', 'cut-short'), later, later);
    await createFilesystemBlobs(root, { abandonedAfterMs: 0 });
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
    const { computed: _, ...unmarked } = lie;
    await expect(store.put({ ...unmarked, bytes: Buffer.from('the truth') })).rejects.toThrow(lie.digest);
    expect(await listFiles(root)).toEqual([]);
    await rm(join(root, 'tmp'), { recursive: true });
    await expect(store.put(truth)).rejects.toMatchObject({ code: 'STORE_GONE' });
  });

  it('writes files that arrive together, in one folder or several, also when one of them is refused', async () => {
    const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const writer = createFileWriterThread();
    onTestFinished(() => writer.close());
    // More than one set has.
    const names = Array.from({ length: 40 }, (_, index) => `file-${index}`);
    const written = await Promise.allSettled(
      names.map((name, index) =>
        writer.write({
          bytes: Buffer.from(name),
          digest: digestOf(Buffer.from(index === 7 ? 'another' : name)),
          draft: join(root, `${name}.draft`),
          path: join(root, index % 2 === 0 ? 'even' : 'odd', name),
        }),
      ),
    );
    expect(written.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([7]);
    const found = await listFiles(root);
    expect(found.map((path) => basename(path)).sort()).toEqual(
      names.filter((_, index) => index !== 7).sort(),
    );
    for (const path of found) expect(await readFile(path, 'utf8')).toBe(basename(path));
  });

  it('refuses files that were not written when their writer was closed', async () => {
    const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const writer = createFileWriterThread();
    const bytes = Buffer.from('late');
    const file = {
      bytes,
      digest: digestOf(bytes),
      draft: join(root, 'draft'),
      path: join(root, 'made', 'late'),
    };
    const writing = writer.write(file);
    await writer.close();
    await expect(writing).rejects.toThrow('closed');
    expect(await listFiles(root)).toEqual([]);
  });
});
