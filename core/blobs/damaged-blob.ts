import type { Digest } from './port.ts';

/** Error of a stored blob whose bytes differ from its digest or size. Another read gives the same bytes. */
export class DamagedBlob extends Error {
  override name = 'DamagedBlob';

  constructor(digest: Digest, fault: string) {
    super(`the stored blob ${digest} is damaged: ${fault}`);
  }
}

/**
 * Codes of the system that concern one file: the disk cannot read it, a folder is in its place, it may not be read, or
 * it is a link to itself.
 */
const damageCodes = ['EIO', 'EISDIR', 'EACCES', 'EPERM', 'ELOOP'];

/**
 * Tells whether a read failed because of the blob. A put of the same bytes repairs it. A store that may not be used
 * at all fails with some of the same codes: its `ping` tells the two apart.
 */
export function isDamageError(error: unknown): boolean {
  return (
    error instanceof DamagedBlob ||
    (error instanceof Error && 'code' in error && damageCodes.includes(String(error.code)))
  );
}
