import { isUtf8 } from 'node:buffer';
import { RegistryError } from '../errors.ts';
import { isAscii, parseTarHeader, readCString, type TarHeader } from './tar-fields.ts';
import { blockSize, paddingOf } from './tar-header.ts';
import { areValidPaxValues, isPaxSparse, type PaxRecords, parseInteger, parsePax } from './tar-pax.ts';

/** Entry of a tar archive, with extended headers applied. */
export interface TarEntry {
  name: string;
  kind: 'file' | 'folder' | 'link';
  /** Bytes of content that follow. */
  size: number;
}

/** Receiver of the entries that a reader finds. An error that it throws ends the reading. */
export interface TarSink {
  /** Called before an entry's content; returns whether to keep the content. */
  begin(entry: TarEntry): boolean;
  /** Called behind an entry's content; `content` is undefined where `begin` returned false. */
  end(entry: TarEntry, content: Buffer | undefined): void;
  /** Called with the bytes of an extended header and its block, before its content is read. */
  extra(bytes: number): void;
}

/** Reader of a tar archive that arrives in chunks. */
export interface TarReader {
  /** Reads the next bytes. */
  push(chunk: Buffer): void;
  /**
   * Ends the input.
   * @throws RegistryError `archive.truncated` or `archive.notTar` when the archive ends too early
   */
  finish(): void;
  /** Whether the archive has ended; the reader ignores bytes that follow. */
  readonly done: boolean;
}

/** Bytes of the largest extended header, as in Go (maxSpecialFileSize). */
const maxExtendedHeaderBytes = 1024 * 1024;

/**
 * Creates a reader that finds the same entries as Go's archive/tar, and so as Helm.
 * Two blocks of zeros end the archive, or the end of the input where a header, a second block of zeros or padding would
 * follow. Sparse files and paths that are not UTF-8 are refused.
 */
export function createTarReader(sink: TarSink): TarReader {
  const head = Buffer.alloc(blockSize);
  let filled = 0;
  let zeros = 0;
  let seen = 0;
  let done = false;
  let longName = '';
  let pax: PaxRecords | undefined;
  let current: { entry: TarEntry; type: string; content: Buffer | undefined; at: number } | undefined;
  let padding = 0;

  function readHeader(): void {
    if (head[0] === 0 && head.every((byte) => byte === 0)) {
      zeros++;
      done = zeros === 2;
      return;
    }
    const header = zeros > 0 ? undefined : parseTarHeader(head);
    if (!header || (header.size < 0 && !isHeaderOnlyType(header.type))) throw notTarError(seen);
    seen++;
    if (!isExtendedHeaderType(header.type)) {
      const entry = applyExtendedHeaders(header, pax, longName, seen);
      pax = undefined;
      longName = '';
      start(entry, header.type, sink.begin(entry));
      return;
    }
    sink.extra(blockSize + header.size);
    if (header.size > maxExtendedHeaderBytes)
      throw new RegistryError(
        'archive.tooLarge',
        'The archive has an extended header that is too large. Pack the chart with `helm package FOLDER`.',
      );
    start({ name: '', kind: 'file', size: header.size }, header.type, true);
  }

  function start(entry: TarEntry, type: string, wanted: boolean): void {
    current = { entry, type, content: wanted ? Buffer.allocUnsafe(entry.size) : undefined, at: 0 };
    padding = paddingOf(entry.size);
    if (entry.size === 0) end();
  }

  function end(): void {
    if (!current) return;
    const { entry, type, content } = current;
    current = undefined;
    if (!isExtendedHeaderType(type)) {
      sink.end(entry, content);
    } else if (type === 'L') {
      longName = content ? readCString(content, 0, entry.size) : '';
    } else if (type !== 'K') {
      pax = parsePax(content?.toString('latin1') ?? '');
      if (!pax) throw notTarError(seen);
      if (isPaxSparse(pax)) throw sparseFileError();
      // Go returns a global header as an entry, so extended headers before it do not apply to the entry behind it.
      if (type === 'g') {
        pax = undefined;
        longName = '';
      }
    }
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
          const length = Math.min(blockSize - filled, chunk.length - at);
          chunk.copy(head, filled, at, at + length);
          filled += length;
          at += length;
          if (filled < blockSize) continue;
          filled = 0;
          readHeader();
        }
      }
    },
    finish() {
      if (done) return;
      if (seen === 0 && filled > 0) throw notTarError(0);
      if (current || filled > 0)
        throw new RegistryError(
          'archive.truncated',
          'The archive ends too early. Send it again, or pack the chart again.',
        );
      done = true;
    },
    get done() {
      return done;
    },
  };
}

function isExtendedHeaderType(type: string): boolean {
  return type === 'x' || type === 'g' || type === 'L' || type === 'K';
}

/** Tells whether a type is a link, device, folder or pipe; no content follows, whatever the size. */
function isHeaderOnlyType(type: string): boolean {
  return type >= '1' && type <= '6';
}

/**
 * Applies the extended headers before a header, and returns the entry.
 * @throws RegistryError `archive.*`
 */
function applyExtendedHeaders(
  header: TarHeader,
  pax: PaxRecords | undefined,
  longName: string,
  seen: number,
): TarEntry {
  if (header.type === 'S') throw sparseFileError();
  if (pax && !areValidPaxValues(pax)) throw notTarError(seen);
  const raw = longName || pax?.get('path') || header.name;
  const type = header.type === '\0' && raw.endsWith('/') ? '5' : header.type;
  const size = parseInteger(pax?.get('size') ?? '') ?? header.size;
  const headerOnly = isHeaderOnlyType(type);
  if (size < 0 && !headerOnly) throw notTarError(seen);
  const kind = headerOnly && type !== '5' ? 'link' : type === '5' || header.folderMode ? 'folder' : 'file';
  return { name: decodeName(raw, kind), kind, size: headerOnly ? 0 : size };
}

/** Decodes a path from UTF-8 bytes, one for each character. Paths of folders stay undecoded, because nothing uses them. */
function decodeName(raw: string, kind: TarEntry['kind']): string {
  if (kind === 'folder' || isAscii(raw)) return raw;
  const bytes = Buffer.from(raw, 'latin1');
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const shown = JSON.stringify(bytes.toString('utf8').slice(0, 100));
  throw new RegistryError(
    'archive.unsafePath',
    `The archive has a path that is not UTF-8: ${shown}. Rename that file and pack the chart again.`,
  );
}

function sparseFileError(): RegistryError {
  return new RegistryError(
    'archive.sparse',
    'The archive has a sparse file. Pack the chart with `helm package`, or with tar without --sparse.',
  );
}

function notTarError(seen: number): RegistryError {
  const where =
    seen === 0 ? 'The file is gzipped, but what is in it is not' : `After ${seen} entries there is no longer`;
  return new RegistryError(
    'archive.notTar',
    `${where} a tar archive. Pack the chart with \`helm package FOLDER\`.`,
  );
}
