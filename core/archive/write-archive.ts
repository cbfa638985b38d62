import { gzip } from '../runtime/zlib-streams.ts';
import { blockSize, paddingOf, splitPath, writeTarHeader } from './tar-header.ts';

/**
 * Packs files into a gzipped tar archive. Bytes of the archive depend only on the files and their order. Times, modes
 * and owners are fixed, and the gzip header has no time and no operating system. The format is POSIX ustar, with a
 * pax header before an entry whose path does not fit or is not ASCII.
 *
 * @param folder folder in the archive that holds all files, by convention the chart's name
 * @param files contents with their paths below the folder, separated by `/`
 */
export async function packArchive(
  folder: string,
  files: Iterable<readonly [string, Buffer]>,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const [path, content] of files) parts.push(...tarEntry(`${folder}/${path}`, content));
  parts.push(Buffer.alloc(2 * blockSize));
  const packed = await gzip(Buffer.concat(parts), { level: 6 });
  // RFC 1952: bytes 4 to 7 are the time, byte 9 is the operating system; 255 means unknown.
  packed.fill(0, 4, 8);
  packed[9] = 255;
  return packed;
}

/** Yields the blocks of one entry, after a pax header where the path needs one. */
export function* tarEntry(path: string, content: Buffer): Generator<Buffer> {
  const split = splitPath(path);
  if (!split) {
    const record = paxRecord('path', path);
    yield writeTarHeader({ name: 'PaxHeaders/path', prefix: '' }, record.length, 'x');
    yield* contentWithPadding(record);
  }
  yield writeTarHeader(split ?? { name: asciiTail(path), prefix: '' }, content.length, '0');
  yield* contentWithPadding(content);
}

/** Returns the bytes of the pax record that an entry's path needs. The number is 0 where the path fits the header. */
export function paxRecordBytes(path: string): number {
  return splitPath(path) ? 0 : paxRecord('path', path).length;
}

/** Shortens a path for readers without pax support: the last 100 characters, others than ASCII as `_`. */
function asciiTail(path: string): string {
  return path.replace(/[^\x20-\x7e]/g, '_').slice(-100);
}

/** Writes a record `LENGTH key=value\n`; the length counts its own digits too. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function* contentWithPadding(content: Buffer): Generator<Buffer> {
  yield content;
  yield Buffer.alloc(paddingOf(content.length));
}
