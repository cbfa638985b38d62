import type { FreeSpaceGuard } from '../runtime/free-space.ts';
import type { BlobStore } from './port.ts';

/** Wraps a store in the data folder. Puts fail when too little space is free. Reads and deletes always work. */
export function withFreeSpaceGuard(blobs: BlobStore, freeSpace: FreeSpaceGuard): BlobStore {
  return {
    ...blobs,
    async put(content, options) {
      const release = await freeSpace.reserve(content.size);
      try {
        await blobs.put(content, options);
      } finally {
        release();
      }
    },
  };
}
