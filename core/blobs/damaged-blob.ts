import type { Digest } from './port.ts';

/** Error of a stored blob whose bytes differ from its digest or size; another read gives the same bytes. */
export class DamagedBlob extends Error {
  override name = 'DamagedBlob';

  constructor(digest: Digest, fault: string) {
    super(`the stored blob ${digest} is damaged: ${fault}`);
  }
}

/** Tells whether a read failed because the blob is damaged, not the store; EIO of the disk counts as damage. */
export function isDamage(error: unknown): boolean {
  return error instanceof DamagedBlob || (error instanceof Error && 'code' in error && error.code === 'EIO');
}
