import type { BlobStore } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import type { Log } from '../runtime/log.ts';

/** Dependencies of garbage collection. */
export interface MaintenanceDeps {
  db: Database;
  blobs: BlobStore;
  locks: Locks;
  log: Log;
}
