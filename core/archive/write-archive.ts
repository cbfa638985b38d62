import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { blockSize, paddingOf, splitPath, writeHeader } from './tar-header.ts';

const compress = promisify(gzip);

/**
 * Packs files into a gzipped tar archive that depends on nothing but them: the order given, fixed times, modes and
 * owners, no gzip timestamp, the same byte for the operating system everywhere. POSIX ustar; a path that does not fit its
 * fields, or is not ASCII, stands in a pax header before.
 *
 * @param folder the folder in the archive that holds everything, by custom the chart's name.
 * @param files paths below the folder, with `/`.
 */
export async function packArchive(
  folder: string,
  files: Iterable<readonly [string, Buffer]>,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const [path, content] of files) parts.push(...tarEntry(`${folder}/${path}`, content));
  parts.push(Buffer.alloc(2 * blockSize));
  const packed = await compress(Buffer.concat(parts), { level: 6 });
  // RFC 1952: bytes 4 to 7 are the time, byte 9 is the system: 255, unknown, whatever zlib was built on.
  packed.fill(0, 4, 8);
  packed[9] = 255;
  return packed;
}

/** The blocks of one entry. */
export function* tarEntry(path: string, content: Buffer): Generator<Buffer> {
  const split = splitPath(path);
  if (!split) {
    const record = paxRecord('path', path);
    yield writeHeader({ name: 'PaxHeaders/path', prefix: '' }, record.length, 'x');
    yield* padded(record);
  }
  yield writeHeader(split ?? { name: asciiTail(path), prefix: '' }, content.length, '0');
  yield* padded(content);
}

/** Bytes that an entry's path takes beside its header. */
export function extendedBytes(path: string): number {
  return splitPath(path) ? 0 : paxRecord('path', path).length;
}

/** What a reader without pax support would see. */
function asciiTail(path: string): string {
  return path.replace(/[^\x20-\x7e]/g, '_').slice(-100);
}

/** `LENGTH key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function* padded(content: Buffer): Generator<Buffer> {
  yield content;
  yield Buffer.alloc(paddingOf(content.length));
}
