import { RegistryError } from '../errors.ts';

/** An entry of a tar archive, with what extended headers say applied. */
export interface TarEntry {
  name: string;
  kind: 'file' | 'folder' | 'link';
  /** Bytes of content that follow. */
  size: number;
}

/** Told of every entry before its content is read. */
export interface TarSink {
  /** Whether the content is wanted; throwing ends the reading. */
  begin(entry: TarEntry): boolean;
  /** The content, or nothing where it was not wanted. */
  end(entry: TarEntry, content: Buffer | undefined): void;
  /** Bytes that are neither content nor a header of an entry: extended headers. Throwing ends the reading. */
  extra(bytes: number): void;
}

export interface TarReader {
  push(chunk: Buffer): void;
  /** Says that no bytes will follow. @throws RegistryError when the archive ends too early. */
  finish(): void;
  /** Whether the end of the archive was seen; what follows is none of it. */
  readonly done: boolean;
}

const block = 512;
/** Extended headers hold a path or a few attributes; more than this is no chart. */
const maxExtended = 1024 * 1024;

/**
 * Reads a tar archive piece by piece, as Go's archive/tar does: ustar, GNU long names and pax paths and sizes; it ends
 * with two blocks of zeros, one and the end of the input, or the end of the input between two entries.
 */
export function createTarReader(sink: TarSink): TarReader {
  const head = Buffer.alloc(block);
  let filled = 0;
  let zeros = 0;
  let seen = 0;
  let done = false;
  let longName: string | undefined;
  let pax = new Map<string, string>();
  let current: { entry: TarEntry; type: string; content: Buffer | undefined; at: number } | undefined;
  let padding = 0;

  function readHeader(): void {
    if (head[0] === 0 && head.every((byte) => byte === 0)) {
      zeros++;
      done = zeros === 2;
      return;
    }
    if (zeros > 0 || !sumMatches(head)) throw notTar(seen);
    seen++;
    const type = String.fromCharCode(head[156] ?? 0);
    const stated = readNumber(head, 124, 12);
    if (stated === undefined) throw notTar(seen);
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      sink.extra(block + stated);
      if (stated > maxExtended)
        throw new RegistryError('archive.tooLarge', 'The archive has an extended header that is too large');
      start({ name: '', kind: 'file', size: stated }, type, true);
      return;
    }
    const name = pax.get('path') ?? longName ?? readName(head);
    const kind = kindOf(type, name);
    const size = kind === 'file' ? Number(pax.get('size') ?? stated) : 0;
    pax = new Map();
    longName = undefined;
    if (!Number.isSafeInteger(size) || size < 0) throw notTar(seen);
    const entry: TarEntry = { name, kind, size };
    start(entry, type, sink.begin(entry));
  }

  function start(entry: TarEntry, type: string, wanted: boolean): void {
    current = { entry, type, content: wanted ? Buffer.allocUnsafe(entry.size) : undefined, at: 0 };
    padding = (block - (entry.size % block)) % block;
    if (entry.size === 0) end();
  }

  function end(): void {
    if (!current) return;
    const { entry, type, content } = current;
    current = undefined;
    if (type === 'L') longName = cString(content ?? Buffer.alloc(0), 0, entry.size);
    else if (type === 'x') pax = readPax(content ?? Buffer.alloc(0), seen);
    else if (type !== 'g' && type !== 'K') sink.end(entry, content);
  }

  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length && !done) {
        if (current) {
          const length = Math.min(current.entry.size - current.at, chunk.length - at);
          if (current.content) chunk.copy(current.content, current.at, at, at + length);
          current.at += length;
          at += length;
          if (current.at === current.entry.size) end();
        } else if (padding > 0) {
          const length = Math.min(padding, chunk.length - at);
          padding -= length;
          at += length;
        } else {
          const length = Math.min(block - filled, chunk.length - at);
          chunk.copy(head, filled, at, at + length);
          filled += length;
          at += length;
          if (filled < block) continue;
          filled = 0;
          readHeader();
        }
      }
    },
    finish() {
      if (done) return;
      if (seen === 0 && filled > 0) throw notTar(0);
      if (current || padding > 0 || filled > 0)
        throw new RegistryError('archive.truncated', 'The archive ends too early');
      done = true;
    },
    get done() {
      return done;
    },
  };
}

function notTar(seen: number): RegistryError {
  const where =
    seen === 0 ? 'The file is gzipped, but what is in it is not' : `After ${seen} entries there is no longer`;
  return new RegistryError('archive.notTar', `${where} a tar archive`);
}

function kindOf(type: string, name: string): TarEntry['kind'] {
  if (type === '5' || ((type === '0' || type === '\0') && name.endsWith('/'))) return 'folder';
  // Hard and symbolic links, devices, pipes.
  return '12346'.includes(type) ? 'link' : 'file';
}

function readName(head: Buffer): string {
  const name = cString(head, 0, 100);
  const ustar = head.toString('latin1', 257, 265) === 'ustar\u000000';
  const prefix = ustar ? cString(head, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function cString(buffer: Buffer, start: number, length: number): string {
  const end = buffer.indexOf(0, start);
  return buffer.toString('utf8', start, end < 0 || end > start + length ? start + length : end);
}

/** Octal text, or GNU's base 256 where the first bit is set. */
function readNumber(head: Buffer, start: number, length: number): number | undefined {
  const field = head.subarray(start, start + length);
  const first = field[0] ?? 0;
  if (first >= 0x80) {
    const value = field.reduce((total, byte, index) => total * 256 + (index === 0 ? byte & 0x7f : byte), 0);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const text = field.toString('latin1').replace(/^[ \0]+|[ \0]+$/g, '');
  if (text === '') return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

function sumMatches(head: Buffer): boolean {
  const stated = readNumber(head, 148, 8);
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < block; index++) {
    // The sum counts its own field as spaces.
    const byte = index >= 148 && index < 156 ? 32 : (head[index] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return stated === unsigned || stated === signed;
}

/** `LENGTH key=value\n` records; the length counts bytes, itself included. */
function readPax(content: Buffer, seen: number): Map<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(content.toString('latin1', at, space));
    if (!Number.isSafeInteger(length) || length <= space - at + 2 || at + length > content.length)
      throw notTar(seen);
    const record = content.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    if (equals <= 0) throw notTar(seen);
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
