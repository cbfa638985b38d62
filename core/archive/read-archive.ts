import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ChartFiles } from '../chart/chart.ts';
import { RegistryError } from '../errors.ts';
import { createGunzip, gunzipSync } from '../runtime/zlib-streams.ts';
import { missingChartYamlError, readEntryPath } from './entry-path.ts';
import { createGzipHeadCheck } from './gzip-head.ts';
import { type ArchiveBudget, chargeBytes, chargeEntry, chargeFile } from './limits.ts';
import { createTarReader, type TarReader, type TarSink } from './tar-reader.ts';

/**
 * Unpacks a chart archive within a budget, and returns its files as Helm reads them.
 * Memory holds the kept files alone. Byte-order marks are removed. Ambiguous archives are refused though Helm may load
 * them; `docs/adr/0025-archives-as-helm-reads-them.md` lists the differences. A stream is read to its end, or destroyed
 * on failure. `limits.packed` is not checked here: the receiver of the bytes does that.
 *
 * @param keep tells whether to keep the content at a path; other files are in the result without bytes
 * @returns files by path below the chart's folder
 * @throws RegistryError `archive.*`, `chart.invalid`
 * @throws the source's own error
 */
export async function readArchive(
  source: Readable | Buffer | UnpackedArchive,
  budget: ArchiveBudget,
  keep: (path: string) => boolean = () => true,
): Promise<ChartFiles> {
  const files: ChartFiles = new Map();
  const sink = createFileSink(files, budget, keep);
  const reader = createTarReader(sink);
  const small = Buffer.isBuffer(source) ? unpackSmall(source, smallArchiveLimits) : undefined;
  const unpacked = 'unpacked' in source ? source : small;
  if (unpacked) {
    for (let at = 0; at < unpacked.unpacked.length; at += chunkSize)
      readUnpackedChunk(unpacked.unpacked.subarray(at, at + chunkSize), budget, reader);
    reader.finish();
  } else if (!('unpacked' in source))
    await readStream(Buffer.isBuffer(source) ? Readable.from([source]) : source, budget, reader);
  sink.finish();
  return files;
}

/** Bytes of an unpacked chunk. */
const chunkSize = 64 * 1024;

function readUnpackedChunk(chunk: Buffer, budget: ArchiveBudget, reader: TarReader): void {
  if (reader.done) chargeBytes(budget, chunk.length);
  else reader.push(chunk);
}

/** Bytes of an archive that is unpacked on the event loop, which takes a millisecond or two. */
const smallArchiveLimits = { packed: 32 * 1024, unpacked: 512 * 1024 };

/** Tar archive without its gzip stream. */
export interface UnpackedArchive {
  unpacked: Buffer;
}

/**
 * Unpacks a small archive on the calling thread.
 * A zlib stream passes each chunk through another thread, which takes longer than unpacking a few chunks.
 * @param limits largest size in bytes, packed and unpacked
 * @returns undefined for a larger archive, and for a damaged one: reading it as a stream finds the error to report
 */
export function unpackSmall(
  packed: Buffer,
  limits: { packed: number; unpacked: number },
): UnpackedArchive | undefined {
  if (packed.length > limits.packed) return undefined;
  try {
    createGzipHeadCheck().push(packed);
    const unpacked = gunzipSync(packed, { maxOutputLength: limits.unpacked });
    // A tar archive without end blocks ends with the gzip stream; only the stream reader checks the bytes behind that.
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
  // The promise resolves when all streams have ended or were destroyed, so that no error lacks a listener.
  const transfer = pipeline(source, checkHead, gunzip).then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    for await (const chunk of gunzip) {
      if (Buffer.isBuffer(chunk)) readUnpackedChunk(chunk, budget, reader);
    }
    const hasEnd = reader.done;
    reader.finish();
    // Go reads another gzip stream there, unless the tar archive has already ended.
    if (!hasEnd && received > gunzip.bytesWritten)
      throw new RegistryError(
        'archive.notGzip',
        'The file has bytes behind its gzip stream that are not gzip. Pack the chart again.',
      );
  } catch (error) {
    source.destroy();
    await transfer;
    throw toArchiveError(error);
  }
  await transfer;
}

/** Sink that collects files. */
interface FileSink extends TarSink {
  /**
   * Checks all files together.
   * @throws RegistryError `archive.*`, `chart.invalid`
   */
  finish(): void;
}

function createFileSink(files: ChartFiles, budget: ArchiveBudget, keep: (path: string) => boolean): FileSink {
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
        outside ??= outsideFolderError(name);
        return false;
      }
      // Report duplicates after the last entry only, so that limits take precedence wherever they are passed.
      if (files.has(path)) {
        doubled ??= ambiguousEntryError(path, 'twice');
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
      if (outside) throw files.has('Chart.yaml') ? outside : missingChartYamlError(files.keys());
      assertNoFileIsFolder(files);
    },
  };
}

/**
 * Checks that no file has the path of another file's folder.
 * @throws RegistryError `archive.ambiguous`
 */
export function assertNoFileIsFolder(files: ChartFiles): void {
  for (const path of files.keys()) {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1))
      if (files.has(path.slice(0, slash)))
        throw ambiguousEntryError(path.slice(0, slash), 'as a file and as a folder');
  }
}

/** Removes a UTF-8 byte-order mark from the start of a content. Helm does so for every file. */
export function trimByteOrderMark(content: Buffer): Buffer {
  const marked = content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf;
  return marked ? content.subarray(3) : content;
}

function outsideFolderError(name: string): RegistryError {
  const shown = JSON.stringify(name.slice(0, 100));
  return new RegistryError(
    'archive.unsafePath',
    `The archive has a file outside the chart's folder: ${shown}. Pack the chart with \`helm package FOLDER\`.`,
  );
}

function ambiguousEntryError(path: string, how: string): RegistryError {
  const shown = JSON.stringify(path.slice(0, 100));
  return new RegistryError(
    'archive.ambiguous',
    `The archive has ${shown} ${how}, and readers differ on which one counts. Pack the chart again.`,
  );
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
  );
}

function toArchiveError(error: unknown): unknown {
  if (!isZlibError(error)) return error;
  if (error.code === 'Z_BUF_ERROR')
    return new RegistryError(
      'archive.truncated',
      'The archive ends too early. Send it again, or pack the chart again.',
    );
  // The header of the first gzip stream was checked before, so this error is about a later one.
  const damaged =
    error.message === 'incorrect header check'
      ? 'has bytes behind its gzip stream that do not belong to it'
      : `is damaged: ${error.message}`;
  return new RegistryError(
    'archive.notGzip',
    `The file ${damaged}. Pack the chart again with \`helm package FOLDER\`.`,
  );
}
