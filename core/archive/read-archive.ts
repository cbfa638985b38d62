import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { ChartFiles } from '../chart/chart.ts';
import { RegistryError } from '../errors.ts';
import { missingManifest, readEntryPath } from './entry-path.ts';
import { createGzipHeadCheck } from './gzip-head.ts';
import type { ChartLimits } from './limits.ts';
import { createTarReader, type TarReader, type TarSink } from './tar-reader.ts';

/** What may still be unpacked; one budget serves an archive and all archives inside it. */
export interface ArchiveBudget {
  readonly limits: ChartLimits;
  /** Bytes. */
  unpacked: number;
  entries: number;
}

export function createArchiveBudget(limits: ChartLimits): ArchiveBudget {
  return { limits, unpacked: limits.unpacked, entries: limits.entries };
}

/**
 * Unpacks a chart archive as a stream: never more in memory than the files that are kept, and no further than the limits
 * allow. Files are what Helm reads, without a byte-order mark. What is ambiguous is refused though Helm may load it:
 * `docs/adr/0025-archives-as-helm-reads-them.md` lists that. A stream is read to its end, or destroyed on failure.
 * `limits.packed` is for whoever receives the bytes.
 *
 * @param keep whether a path's content is wanted; other files are in the result with no bytes.
 * @returns files by their paths below the chart's folder
 * @throws RegistryError `archive.*`; whatever the source fails with.
 */
export async function readArchive(
  source: Readable | Buffer | UnpackedArchive,
  budget: ArchiveBudget,
  keep: (path: string) => boolean = () => true,
): Promise<ChartFiles> {
  const files: ChartFiles = new Map();
  const sink = createSink(files, budget, keep);
  const reader = createTarReader(sink);
  const small = Buffer.isBuffer(source) ? unpackSmall(source, smallArchive) : undefined;
  const unpacked = 'unpacked' in source ? source : small;
  if (unpacked) {
    for (let at = 0; at < unpacked.unpacked.length; at += chunkSize)
      readChunk(unpacked.unpacked.subarray(at, at + chunkSize), budget, reader);
    reader.finish();
  } else if (!('unpacked' in source))
    await readStream(Buffer.isBuffer(source) ? Readable.from([source]) : source, budget, reader);
  sink.finish();
  return files;
}

const chunkSize = 64 * 1024;

function readChunk(chunk: Buffer, budget: ArchiveBudget, reader: TarReader): void {
  if (reader.done) chargeBytes(budget, chunk.length);
  else reader.push(chunk);
}

/** Bytes of an archive that is unpacked in place, which takes a millisecond or two, and of what it may unpack to. */
const smallArchive = { packed: 32 * 1024, unpacked: 512 * 1024 };

/** Tar archive that has been taken out of its gzip stream. */
export interface UnpackedArchive {
  unpacked: Buffer;
}

/**
 * Unpacks an archive in place if it is small, also when it is unpacked, which its length does not tell.
 * A stream hands each piece to another thread, which takes longer than unpacking a few.
 * @param limits bytes at most, packed and unpacked
 * @returns undefined for a larger one, and for one that is damaged, which reading it as a stream explains
 */
export function unpackSmall(
  packed: Buffer,
  limits: { packed: number; unpacked: number },
): UnpackedArchive | undefined {
  if (packed.length > limits.packed) return undefined;
  try {
    createGzipHeadCheck().push(packed);
    const unpacked = gunzipSync(packed, { maxOutputLength: limits.unpacked });
    // Without an end of its own, the tar archive ends where the gzip stream does: only the stream tells where that is.
    const hasEnd = unpacked.length >= 1024 && unpacked.subarray(-1024).every((byte) => byte === 0);
    return hasEnd ? { unpacked } : undefined;
  } catch {
    return undefined;
  }
}

async function readStream(source: Readable, budget: ArchiveBudget, reader: TarReader): Promise<void> {
  const gunzip = createGunzip({ chunkSize });
  let received = 0;
  async function* checkHead(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const head = createGzipHeadCheck();
    for await (const chunk of chunks) {
      received += chunk.length;
      head.push(chunk);
      yield chunk;
    }
    if (received === 0)
      throw new RegistryError(
        'archive.truncated',
        'The file is empty. Send an archive that `helm package FOLDER` has made.',
      );
  }
  // Settles when both streams have ended or were destroyed, so no error is ever left without a listener.
  const transfer = pipeline(source, checkHead, gunzip).then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    for await (const chunk of gunzip) {
      if (Buffer.isBuffer(chunk)) readChunk(chunk, budget, reader);
    }
    const hasEnd = reader.done;
    reader.finish();
    // Go looks for another gzip stream there; behind the end of the tar archive it looks for nothing.
    if (!hasEnd && received > gunzip.bytesWritten)
      throw new RegistryError(
        'archive.notGzip',
        'The file has bytes behind its gzip stream that are none. Pack the chart again.',
      );
  } catch (error) {
    source.destroy();
    await transfer;
    throw explain(error);
  }
  await transfer;
}

/** Sink that collects files. */
interface FileSink extends TarSink {
  /** Checks all files together. @throws RegistryError `archive.*`, `chart.invalid` */
  finish(): void;
}

/** Bytes of content that Helm refuses to unpack (MaxDecompressedChartSize): as many are too many. */
const helmUnpacked = 100 * 1024 * 1024;

function createSink(files: ChartFiles, budget: ArchiveBudget, keep: (path: string) => boolean): FileSink {
  let open: string | undefined;
  let outside: RegistryError | undefined;
  let doubled: RegistryError | undefined;
  let total = 0;
  return {
    begin({ name, kind, size }) {
      chargeEntry(budget);
      open = undefined;
      if (kind === 'folder') {
        chargeBytes(budget, size);
        return false;
      }
      const path = readEntryPath(name);
      if (kind === 'link') {
        throw new RegistryError(
          'archive.link',
          `The archive has a link or device, which a chart cannot hold: ${path || name}. Put the file itself there, and pack the chart again.`,
        );
      }
      total += size;
      chargeFile(budget, path, size, total);
      if (path === '') {
        outside ??= outsideFolder(name);
        return false;
      }
      // Limits go first, so that it does not matter how many follow.
      if (files.has(path)) {
        doubled ??= ambiguous(path, 'twice');
        return false;
      }
      open = path;
      return keep(path);
    },
    end(entry, content) {
      if (entry.kind === 'file' && open !== undefined)
        files.set(open, trimByteOrderMark(content ?? Buffer.alloc(0)));
    },
    extra: (bytes) => chargeBytes(budget, bytes),
    finish() {
      if (doubled) throw doubled;
      if (outside) throw files.has('Chart.yaml') ? outside : missingManifest(files.keys());
      checkFolders(files);
    },
  };
}

/** @throws RegistryError `archive.ambiguous` where a file has the path of another one's folder */
export function checkFolders(files: ChartFiles): void {
  for (const path of files.keys()) {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1))
      if (files.has(path.slice(0, slash))) throw ambiguous(path.slice(0, slash), 'as a file and as a folder');
  }
}

/** Takes one entry off a budget. @throws RegistryError `archive.tooManyEntries` */
export function chargeEntry(budget: ArchiveBudget): void {
  budget.entries--;
  if (budget.entries >= 0) return;
  const message = `The archive has more than ${budget.limits.entries} entries. Leave files out by .helmignore, or have the operator raise LIMIT_ENTRIES.`;
  throw new RegistryError('archive.tooManyEntries', message);
}

/**
 * Takes a file off a budget.
 * @param total bytes of all files of the archive so far, this one included
 * @throws RegistryError `archive.fileTooLarge`, `archive.tooLarge`
 */
export function chargeFile(budget: ArchiveBudget, path: string, size: number, total: number): void {
  const { file } = budget.limits;
  if (size > file) {
    const message = `The file ${path} has ${size} bytes; ${file} are allowed. Leave it out by .helmignore, or have the operator raise LIMIT_FILE.`;
    throw new RegistryError('archive.fileTooLarge', message);
  }
  chargeBytes(budget, size);
  if (total >= helmUnpacked)
    throw new RegistryError(
      'archive.tooLarge',
      `The archive unpacks to ${helmUnpacked} bytes or more, which Helm refuses. Leave files out by .helmignore.`,
    );
}

/** Content without one UTF-8 byte-order mark at its start, which Helm drops from every file. */
export function trimByteOrderMark(content: Buffer): Buffer {
  const marked = content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf;
  return marked ? content.subarray(3) : content;
}

function outsideFolder(name: string): RegistryError {
  const shown = JSON.stringify(name.slice(0, 100));
  return new RegistryError(
    'archive.unsafePath',
    `The archive has a file outside the chart's folder: ${shown}. Pack the chart with \`helm package FOLDER\`.`,
  );
}

function ambiguous(path: string, how: string): RegistryError {
  const shown = JSON.stringify(path.slice(0, 100));
  return new RegistryError(
    'archive.ambiguous',
    `The archive has ${shown} ${how}, and readers differ on which one counts. Pack the chart again.`,
  );
}

export function chargeBytes(budget: ArchiveBudget, bytes: number): void {
  budget.unpacked -= bytes;
  if (budget.unpacked >= 0) return;
  const message = `The archive unpacks to more than ${budget.limits.unpacked} bytes. Leave files out by .helmignore, or have the operator raise LIMIT_UNPACKED.`;
  throw new RegistryError('archive.tooLarge', message);
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
  );
}

function explain(error: unknown): unknown {
  if (!isZlibError(error)) return error;
  if (error.code === 'Z_BUF_ERROR')
    return new RegistryError(
      'archive.truncated',
      'The archive ends too early. Send it again, or pack the chart again.',
    );
  // The head of the first gzip stream was checked before.
  const damaged =
    error.message === 'incorrect header check'
      ? 'has bytes behind its gzip stream that are none of it'
      : `is damaged: ${error.message}`;
  return new RegistryError(
    'archive.notGzip',
    `The file ${damaged}. Pack the chart again with \`helm package FOLDER\`.`,
  );
}
