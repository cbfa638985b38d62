import { batchCalls } from '../runtime/batch-calls.ts';
import { createThread, workerEntryUrl } from '../runtime/threads/thread.ts';
import type { WriteAnswer, WriteRequest } from './file-writer-thread.ts';
import { createSharedMemory } from './shared-memory.ts';

/**
 * Writes small files durably in one thread. A file takes some nine calls; passing each of them to a pool thread
 * costs the event loop more than the calls cost here.
 */
export interface FileWriterThread {
  /** Resolves once the file has its final name and both are on disk. Files that wait meanwhile are the next set. */
  write(file: WriteRequest): Promise<void>;
  close(): Promise<void>;
}

/** Files of a set at most; further ones wait, because their bytes are in memory twice. */
const maxFilesPerSet = 16;

/** Heap limit of the thread, in MiB. */
const maxHeapMib = 64;

/** Milliseconds that a set may take; a disk that is only slow needs less. */
const timeoutMs = 10 * 60_000;

/** Creates the writer of files. The thread starts with the first file, and a new one replaces a thread that ended. */
export function createFileWriterThread(): FileWriterThread {
  const shared = createSharedMemory(maxFilesPerSet);
  const thread = createThread<WriteRequest[], WriteAnswer[]>({
    file: workerEntryUrl(import.meta.url, 'file-writer-thread'),
    timeoutMs,
    maxHeapMib,
  });

  async function writeAll(files: WriteRequest[]): Promise<WriteAnswer[]> {
    const lent = files.map(({ bytes }) => shared.lend(bytes));
    const answers = await thread.call(
      files.map((file, index) => ({ ...file, bytes: lent[index] ?? file.bytes })),
    );
    // An ending thread may still read its bytes, so shared memory is reused only after an answer.
    for (const bytes of lent) shared.release(bytes);
    return answers;
  }

  const write = batchCalls(writeAll, { max: maxFilesPerSet });
  return {
    async write(file) {
      const { error } = await write('', file);
      if (error) throw Object.assign(new Error(error.message), error.code ? { code: error.code } : {});
    },
    close: () => thread.close(),
  };
}
