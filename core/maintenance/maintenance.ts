import type { BlobStore } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import type { Log } from '../runtime/log.ts';

/** What keeping the store in order works with. */
export interface Upkeep {
  db: Database;
  blobs: BlobStore;
  locks: Locks;
  log: Log;
}
