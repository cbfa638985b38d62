import type { FreeSpaceGuard } from '../runtime/free-space.ts';
import type { BlobStore } from './port.ts';

/** A store in the data folder that writes only as long as the room there lasts; what it has can be read and deleted. */
export function withinRoom(blobs: BlobStore, room: FreeSpaceGuard): BlobStore {
  return {
    ...blobs,
    async put(content, how) {
      const release = await room.reserve(content.size);
      try {
        await blobs.put(content, how);
      } finally {
        release();
      }
    },
  };
}
