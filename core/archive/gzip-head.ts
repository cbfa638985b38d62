import { RegistryError } from '../errors.ts';

/** Bytes of a name or comment in a gzip header, as far as Go's reader goes, NUL included. */
const maxText = 512;

/** Checks the head of a gzip stream, piece by piece. */
export interface GzipHeadCheck {
  /** Takes the next bytes. @throws RegistryError `archive.notGzip` where this is no gzip stream that Go reads */
  push(chunk: Buffer): void;
}

/**
 * Checks the head of a gzip stream (RFC 1952) before it is unpacked: says what a file of another kind is, and refuses a
 * name or comment that Go's gzip reader finds too long, as Helm would.
 */
export function createGzipHeadCheck(): GzipHeadCheck {
  let head: Buffer | undefined = Buffer.alloc(0);
  return {
    push(chunk) {
      if (!head) return;
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (!isGzip(head)) throw new RegistryError('archive.notGzip', `The file ${describeOther(head)}`);
      if (readsToEnd(head)) head = undefined;
    },
  };
}

/** True once the head is whole. @throws RegistryError `archive.notGzip` */
function readsToEnd(bytes: Buffer): boolean {
  if (bytes.length < 10) return false;
  const flags = bytes[3] ?? 0;
  let at = 10;
  if (flags & 4) {
    if (bytes.length < at + 2) return false;
    at += 2 + bytes.readUInt16LE(at);
  }
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue;
    if (at >= bytes.length) return false;
    const end = bytes.indexOf(0, at);
    if ((end < 0 ? bytes.length : end) - at >= maxText) {
      throw new RegistryError(
        'archive.notGzip',
        `The gzip header has a name or comment of ${maxText} bytes or more, which Helm does not read. Pack the chart with \`helm package FOLDER\`.`,
      );
    }
    if (end < 0) return false;
    at = end + 1;
  }
  return true;
}

/** False once the first bytes cannot be those of a gzip stream. */
function isGzip(bytes: Buffer): boolean {
  return [0x1f, 0x8b, 8].every((byte, index) => index >= bytes.length || bytes[index] === byte);
}

/** Says what a file is that is not gzipped, and what to do about it. */
function describeOther(bytes: Buffer): string {
  const pack = 'Pack the chart with `helm package FOLDER`.';
  if (bytes.toString('latin1', 0, 4) === 'PK\x03\x04') return `is a zip archive. ${pack}`;
  if (bytes.toString('latin1', 257, 262) === 'ustar') return `is a tar archive that is not gzipped. ${pack}`;
  return `is not a gzipped archive. ${pack}`;
}
