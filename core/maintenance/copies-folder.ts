import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { algorithmOf, type OciDigest } from '../oci/digest.ts';
import { type Copies, type CopyLocation, recordedSizesOf, type WantedBlob } from './copies.ts';
import { type FolderListing, type ListedFile, listFolder } from './list-folder.ts';

/** File of the folder; its digests are known once they have been asked for. */
interface FileWithKnownDigests extends ListedFile {
  sha256?: string;
  sha512?: string;
}

/**
 * Copies in a folder, at any depth and called anything. The files are archives, a backup of the store, an OCI layout. They
 * are found by their digest; only files of a size that is wanted are read, each once. A file or folder that cannot be
 * read is a location that fails, because a copy may be in it.
 */
export function createFolderCopies(folder: string): Copies {
  let listing: Promise<FolderListing> | undefined;

  async function* locations(wanted: WantedBlob): AsyncGenerator<CopyLocation> {
    listing ??= listFolder(folder);
    const { files, unreadable } = await listing;
    const sizes = recordedSizesOf(wanted);
    const failing: CopyLocation[] = unreadable.map(({ path, error }) => createFailingLocation(path, error));
    for (const file of files) {
      if (sizes.length > 0 ? !sizes.includes(file.size) : file.size > wanted.maxSize) continue;
      const digest = await digestOfFile(file, wanted.digest).catch((error: unknown) => {
        failing.push(createFailingLocation(file.path, error));
        return undefined;
      });
      if (digest === wanted.digest) yield { name: file.path, open: async () => createReadStream(file.path) };
    }
    yield* failing;
  }

  return {
    name: folder,
    locations,
    assertReachable: async () => void (await readdir(folder)),
    close: async () => undefined,
  };
}

function createFailingLocation(name: string, error: unknown): CopyLocation {
  return { name, open: () => Promise.reject(error) };
}

async function digestOfFile(file: FileWithKnownDigests, like: OciDigest): Promise<string> {
  const algorithm = algorithmOf(like);
  const known = file[algorithm];
  if (known !== undefined) return known;
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file.path)) hash.update(chunk);
  const digest = `${algorithm}:${hash.digest('hex')}`;
  file[algorithm] = digest;
  return digest;
}
