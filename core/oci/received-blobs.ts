import type { BufferedContent, Content } from '../blobs/port.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import type { OciDigest } from './digest.ts';
import type { RepositoryRef } from './names.ts';

/**
 * Small blobs that this process has received lately: a chart's manifest follows its layers at once. A copy is right by
 * definition, since its digest was checked. The store is checked all the same before a row needs it.
 */
export interface ReceivedBlobs {
  /** @param owner who sent the blob: others may know its digest alone */
  get(owner: string | undefined, repository: RepositoryRef, digest: OciDigest): BufferedContent | undefined;
  /** Keeps a blob that was added to the repository, if it is small. */
  add(owner: string | undefined, repository: RepositoryRef, digest: OciDigest, content: Content): void;
}

/** Largest kept blob in bytes. */
export const maxReceivedBytes = 64 * 1024;

/** Bytes of all kept blobs. */
const maxTotalBytes = 2 * 1024 * 1024;

/** Creates the memory of received blobs. */
export function createReceivedBlobs(): ReceivedBlobs {
  const cache = createByteCache<BufferedContent>(maxTotalBytes);
  const keyOf = (owner: string | undefined, { full }: RepositoryRef, digest: OciDigest) =>
    `${owner ?? ''} ${full} ${digest}`;
  return {
    get: (owner, repository, digest) => cache.get(keyOf(owner, repository, digest)),
    add(owner, repository, digest, { digest: blob, size, bytes, open }) {
      if (bytes && size <= maxReceivedBytes)
        cache.set(keyOf(owner, repository, digest), { digest: blob, size, bytes, open }, size);
    },
  };
}
