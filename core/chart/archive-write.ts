import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);
const block = 512;
/** 1980-01-01T00:00:00Z in seconds: late enough that no tool warns of an implausibly old time. */
const modified = 315_532_800;

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
  for (const [path, content] of files) parts.push(...entry(`${folder}/${path}`, content));
  parts.push(Buffer.alloc(2 * block));
  const packed = await compress(Buffer.concat(parts), { level: 6 });
  // RFC 1952: bytes 4 to 7 are the time, byte 9 is the system: 255, unknown, whatever zlib was built on.
  packed.fill(0, 4, 8);
  packed[9] = 255;
  return packed;
}

function* entry(path: string, content: Buffer): Generator<Buffer> {
  const split = splitPath(path);
  if (!split) {
    const record = paxRecord('path', path);
    yield header({ name: 'PaxHeaders/path', prefix: '' }, record.length, 'x');
    yield* padded(record);
  }
  yield header(split ?? { name: asciiTail(path), prefix: '' }, content.length, '0');
  yield* padded(content);
}

/** Puts a path into ustar's fields: 100 bytes, and 155 for the folders before a `/`. */
function splitPath(path: string): { name: string; prefix: string } | undefined {
  if (!/^[\x20-\x7e]+$/.test(path)) return undefined;
  if (path.length <= 100) return { name: path, prefix: '' };
  const slash = path.indexOf('/', path.length - 101);
  if (slash <= 0 || slash > 155 || slash === path.length - 1) return undefined;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
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

function header(path: { name: string; prefix: string }, size: number, type: '0' | 'x'): Buffer {
  const buffer = Buffer.alloc(block);
  buffer.write(path.name, 0, 100, 'latin1');
  buffer.write('0000644\0', 100, 'latin1');
  buffer.write('0000000\0', 108, 'latin1');
  buffer.write('0000000\0', 116, 'latin1');
  buffer.write(`${octal(size)}\0`, 124, 'latin1');
  buffer.write(`${octal(modified)}\0`, 136, 'latin1');
  buffer.write('        ', 148, 'latin1');
  buffer.write(type, 156, 'latin1');
  buffer.write('ustar\u000000', 257, 'latin1');
  buffer.write('0000000\0', 329, 'latin1');
  buffer.write('0000000\0', 337, 'latin1');
  buffer.write(path.prefix, 345, 155, 'latin1');
  const sum = buffer.reduce((total, byte) => total + byte, 0);
  buffer.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return buffer;
}

function octal(value: number): string {
  return value.toString(8).padStart(11, '0');
}

function* padded(content: Buffer): Generator<Buffer> {
  yield content;
  const rest = content.length % block;
  if (rest > 0) yield Buffer.alloc(block - rest);
}
