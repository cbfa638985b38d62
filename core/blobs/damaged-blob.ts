import type { Digest } from './port.ts';

/** A stored blob that is not what its digest says; reading it again gives the same. */
export class DamagedBlob extends Error {
  override name = 'DamagedBlob';

  constructor(digest: Digest, fault: string) {
    super(`the stored blob ${digest} is damaged: ${fault}`);
  }
}

/** Whether a read failed because of the bytes, not because of the store: also where the disk cannot read them (EIO). */
export function isDamage(error: unknown): boolean {
  return error instanceof DamagedBlob || (error instanceof Error && 'code' in error && error.code === 'EIO');
}
