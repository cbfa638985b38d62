import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import { RegistryError } from '../errors.ts';
import { readEntryPath } from './archive-path.ts';
import type { ChartFiles } from './chart.ts';
import type { ChartLimits } from './limits.ts';
import { createTarReader, type TarReader, type TarSink } from './tar-read.ts';

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
 * allow. Stricter than Helm in two things: links are refused instead of taken for empty files, and the gzip stream must be
 * whole to its checksum with nothing but zeros behind it, where Helm looks no further than the end of the tar archive. A
 * stream is read to its end, or destroyed on failure. `limits.packed` is for whoever receives the bytes.
 *
 * @param keep whether a path's content is wanted; other files are in the result with no bytes.
 * @returns files by their paths below the chart's folder; of two entries with one path the last.
 * @throws RegistryError `archive.*`; whatever the source fails with.
 */
export async function readArchive(
  source: Readable | Buffer,
  budget: ArchiveBudget,
  keep: (path: string) => boolean = () => true,
): Promise<ChartFiles> {
  const files: ChartFiles = new Map();
  const reader = createTarReader(createSink(files, budget, keep));
  const unpacked = Buffer.isBuffer(source) ? unpackSmall(source) : undefined;
  if (unpacked) {
    for (let at = 0; at < unpacked.length; at += chunkSize)
      readChunk(unpacked.subarray(at, at + chunkSize), budget, reader);
    reader.finish();
  } else await readStream(Buffer.isBuffer(source) ? Readable.from([source]) : source, budget, reader);
  return files;
}

const chunkSize = 64 * 1024;

function readChunk(chunk: Buffer, budget: ArchiveBudget, reader: TarReader): void {
  if (reader.done) takeBytes(budget, chunk.length);
  else reader.push(chunk);
}

/** Bytes of an archive that is unpacked in place, which takes a millisecond or two, and of what it may unpack to. */
const smallArchive = { packed: 32 * 1024, unpacked: 512 * 1024 };

/** A stream hands each piece to another thread, which takes longer than unpacking a few. What is wrong is for the stream to say. */
function unpackSmall(packed: Buffer): Buffer | undefined {
  if (packed.length > smallArchive.packed) return undefined;
  try {
    return gunzipSync(packed, { maxOutputLength: smallArchive.unpacked });
  } catch {
    return undefined;
  }
}

async function readStream(source: Readable, budget: ArchiveBudget, reader: TarReader): Promise<void> {
  const gunzip = createGunzip({ chunkSize });
  // Settles when both streams have ended or were destroyed, so no error is ever left without a listener.
  const transfer = pipeline(source, gunzip).then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    for await (const chunk of gunzip) {
      if (Buffer.isBuffer(chunk)) readChunk(chunk, budget, reader);
    }
    reader.finish();
  } catch (error) {
    source.destroy();
    await transfer;
    throw explain(error);
  }
  await transfer;
}

function createSink(files: ChartFiles, budget: ArchiveBudget, keep: (path: string) => boolean): TarSink {
  const { limits } = budget;
  const paths: string[] = [];
  return {
    begin({ name, kind, size }) {
      budget.entries--;
      if (budget.entries < 0) {
        throw new RegistryError(
          'archive.tooManyEntries',
          `The archive has more than ${limits.entries} entries`,
        );
      }
      if (kind === 'folder') return false;
      const path = readEntryPath(name);
      if (kind === 'link') {
        throw new RegistryError(
          'archive.link',
          `The archive has a link or device, which a chart cannot hold: ${path}`,
        );
      }
      if (size > limits.file) {
        const message = `The file ${path} has ${size} bytes; ${limits.file} are allowed`;
        throw new RegistryError('archive.fileTooLarge', message);
      }
      takeBytes(budget, size);
      paths.push(path);
      return keep(path);
    },
    end(entry, content) {
      const path = entry.kind === 'file' ? paths.pop() : undefined;
      if (path !== undefined) files.set(path, content ?? Buffer.alloc(0));
    },
    extra: (bytes) => takeBytes(budget, bytes),
  };
}

function takeBytes(budget: ArchiveBudget, bytes: number): void {
  budget.unpacked -= bytes;
  if (budget.unpacked >= 0) return;
  const message = `The archive unpacks to more than ${budget.limits.unpacked} bytes`;
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
    return new RegistryError('archive.truncated', 'The archive ends too early');
  const damaged =
    error.message === 'incorrect header check' ? 'is not a gzipped archive' : `is damaged: ${error.message}`;
  return new RegistryError('archive.notGzip', `The file ${damaged}`);
}
