import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentOf } from './content.ts';
import { createFilesystemBlobs } from './filesystem.ts';
import type { Digest } from './port.ts';
import { describeBlobStore } from './suite.ts';

async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

describeBlobStore('the filesystem', async () => {
  const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
  return {
    store: await createFilesystemBlobs(root),
    list: () => listFiles(root),
    dispose: () => rm(root, { recursive: true }),
  };
});

describe('blobs on the filesystem', () => {
  it('removes what a crash cut short, and keeps the blobs and what others are writing', async () => {
    const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
    const content = contentOf(Buffer.from('kept'));
    await (await createFilesystemBlobs(root)).put(content);
    await writeFile(join(root, 'tmp', 'cut-short'), 'ha');
    await mkdir(join(root, 'tmp', 'folder'));
    const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(join(root, 'tmp', 'folder'), longAgo, longAgo);
    const store = await createFilesystemBlobs(root);
    expect(await readdir(join(root, 'tmp'))).toEqual(['cut-short']);
    await createFilesystemBlobs(root, 0);
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
    expect(await store.stat(content.digest)).toEqual({ size: 4 });
    const hex = content.digest.slice('sha256:'.length);
    expect((await stat(join(root, 'sha256', hex.slice(0, 2), hex))).size).toBe(4);
    await rm(root, { recursive: true });
  });

  it('takes nothing but digests for a name', async () => {
    const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
    const store = await createFilesystemBlobs(root);
    const outside: Digest = 'sha256:../../../etc/passwd';
    await expect(store.open(outside)).rejects.toThrow('not a digest');
    await expect(store.delete(outside)).rejects.toThrow('not a digest');
    await rm(root, { recursive: true });
  });

  it('says so when its folder is gone', async () => {
    const root = await mkdtemp(join(tmpdir(), 'helm-registry-blobs-'));
    const store = await createFilesystemBlobs(root);
    await rm(root, { recursive: true });
    await expect(store.ping()).rejects.toThrow('ENOENT');
  });
});
