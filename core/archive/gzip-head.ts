import { RegistryError } from '../errors.ts';

/** Bytes of the longest name or comment in a gzip header that Go's reader accepts, NUL included. */
const maxHeaderTextBytes = 512;

/** Check of a gzip header that arrives in chunks. */
export interface GzipHeadCheck {
  /**
   * Checks the next bytes of the stream; bytes behind the header are ignored.
   * @throws RegistryError `archive.notGzip` where the bytes are not gzip as Go reads it
   */
  push(chunk: Buffer): void;
}

/**
 * Creates a check of a gzip stream's header (RFC 1952). Use the check before unpacking. The error for another kind of
 * file says which kind. A name or comment that is too long for Go's gzip reader is refused, because Helm would refuse
 * it.
 */
export function createGzipHeadCheck(): GzipHeadCheck {
  let head: Buffer | undefined = Buffer.alloc(0);
  return {
    push(chunk) {
      if (!head) return;
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (!mayBeGzip(head))
        throw new RegistryError('archive.notGzip', `The file ${describeOtherFormat(head)}`);
      if (hasWholeHeader(head)) head = undefined;
    },
  };
}

/**
 * Tells whether the bytes hold the whole header.
 * @throws RegistryError `archive.notGzip`
 */
function hasWholeHeader(bytes: Buffer): boolean {
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
    if ((end < 0 ? bytes.length : end) - at >= maxHeaderTextBytes) {
      throw new RegistryError(
        'archive.notGzip',
        `The gzip header has a name or comment of ${maxHeaderTextBytes} bytes or more, which Helm does not read. Pack the chart with \`helm package FOLDER\`.`,
      );
    }
    if (end < 0) return false;
    at = end + 1;
  }
  return true;
}

/** Tells whether the bytes can be the start of a gzip stream. */
function mayBeGzip(bytes: Buffer): boolean {
  return [0x1f, 0x8b, 8].every((byte, index) => index >= bytes.length || bytes[index] === byte);
}

/** Describes a file that is not gzipped, and how to make a chart archive instead. */
function describeOtherFormat(bytes: Buffer): string {
  const pack = 'Pack the chart with `helm package FOLDER`.';
  if (bytes.toString('latin1', 0, 4) === 'PK\x03\x04') return `is a zip archive. ${pack}`;
  if (bytes.toString('latin1', 257, 262) === 'ustar') return `is a tar archive that is not gzipped. ${pack}`;
  return `is not a gzipped archive. ${pack}`;
}
