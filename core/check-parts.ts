import type { BlobStore } from './blobs/port.ts';
import type { Database } from './db/port.ts';
import { countLiveWorkers } from './jobs/live-workers.ts';
import { readHold } from './maintenance/hold.ts';
import type { Queue } from './queue/port.ts';
import type { FreeSpaceGuard } from './runtime/free-space.ts';
import { createReadinessCheck, type FoundParts } from './runtime/readiness.ts';

/** Parts whose state readiness tells. */
export interface CheckedParts {
  db: Database;
  queue: Queue;
  blobs: BlobStore;
  room: FreeSpaceGuard;
}

/** Creates the check of a process's parts and of the registry's workers. */
export function createPartsCheck({ db, queue, blobs, room }: CheckedParts): () => Promise<FoundParts> {
  return createReadinessCheck(
    {
      database: () => db.query('SELECT 1'),
      queue: () => queue.ping(),
      blobs: () => blobs.ping(),
      disk: async () => ((await room.isShort()) ? 'full' : 'up'),
      workers: async () => {
        const [live, hold] = await Promise.all([countLiveWorkers(db), readHold(db)]);
        if (live === 0) throw new Error('no worker lives');
        return hold ? 'held' : 'up';
      },
    },
    // Workers are known by their rows.
    { workers: 'database' },
  );
}
