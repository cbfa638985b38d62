import type { Sealer } from '../access/sealer.ts';
import type { OciDeps } from '../oci/oci.ts';
import type { UploadDeps } from '../registry/publish-batch.ts';
import type { Log } from '../runtime/log.ts';
import type { AddressGuard } from '../webhooks/guard.ts';
import type { GuardedClient } from './guarded-client.ts';

/** Dependencies of setting mirrors and of their runs. */
export interface MirrorDeps {
  registry: UploadDeps;
  /** Stores manifests and blobs. */
  oci: OciDeps;
  /** Opens credentials. */
  sealer: Sealer;
  /** Checks addresses. */
  guard: AddressGuard;
  log: Log;
  /** Folder of archives that are too large for memory. */
  uploadFolder: string;
  /** Largest archive in bytes. */
  maxArchiveBytes: number;
  /** Largest blob of an OCI registry in bytes. */
  maxBlobBytes: number;
  /** Sends the requests of all runs of this process. */
  client: GuardedClient;
}
