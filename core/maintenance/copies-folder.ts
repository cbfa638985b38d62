import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Candidate, type Copies, sizesOf, type WantedBlob } from './copies.ts';

/** File of the folder, with its digest once it was read. */
interface KnownFile {
  path: string;
  size: number;
  digest?: string;
}

/**
 * Finds copies in a folder by their digest, at any depth and under any name: archives, a backup of the store,
 * an OCI layout. Only files of a wanted size are read, each once.
 */
export function createFolderCopies(folder: string): Copies {
  let files: Promise<KnownFile[]> | undefined;

  async function* candidates(wanted: WantedBlob): AsyncGenerator<Candidate> {
    files ??= listFiles(folder);
    const sizes = sizesOf(wanted);
    for (const file of await files) {
      if (sizes.length > 0 && !sizes.includes(file.size)) continue;
      file.digest ??= await digestOfFile(file.path);
      if (file.digest === wanted.digest)
        yield { name: file.path, open: async () => createReadStream(file.path) };
    }
  }

  return {
    name: folder,
    candidates,
    assertReachable: async () => void (await readdir(folder)),
    close: async () => undefined,
  };
}

async function listFiles(folder: string): Promise<KnownFile[]> {
  const files: KnownFile[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // Follow links to files only: links to folders may form circles.
    const found = entry.isDirectory() ? undefined : await stat(path).catch(() => undefined);
    if (found?.isFile()) files.push({ path, size: found.size });
  }
  return files;
}

/** Computes the digest of a file. @returns '' for an unreadable file, which matches no blob */
async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch {
    return '';
  }
  return `sha256:${hash.digest('hex')}`;
}
