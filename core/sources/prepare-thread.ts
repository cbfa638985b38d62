import { parentPort } from 'node:worker_threads';
import type { ChartLimits } from '../archive/limits.ts';
import { writeOutline } from '../chart/outline.ts';
import { type ErrorBody, RegistryError } from '../errors.ts';
import { lowerPriority } from '../runtime/threads/low-priority.ts';
import { reduceIfLarge } from './large-sources.ts';
import { readSource } from './read-source.ts';
import { encodeForm } from './source-form.ts';

/** Request to the thread: an archive to read and prepare. */
export interface PrepareRequest {
  archive: Uint8Array;
  limits: ChartLimits;
  /** Whether nobody waits: the thread lowers its priority for good, and makes the outline too. */
  isAhead: boolean;
}

/** Response of the thread. `refused` is a client's error; an error of the program ends the thread. */
export type PrepareAnswer = { form: Uint8Array; outline?: string } | { refused: ErrorBody };

parentPort?.on('message', ({ archive, limits, isAhead }: PrepareRequest) => {
  if (isAhead) lowerPriority();
  // Leave a rejection uncaught: it ends the thread with the error, and the caller gets it.
  void prepareAndPost(Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength), limits, isAhead);
});

async function prepareAndPost(archive: Buffer, limits: ChartLimits, isAhead: boolean): Promise<void> {
  try {
    const source = await readSource(archive, limits);
    const form = new Uint8Array(await encodeForm(reduceIfLarge(source)));
    const outline = isAhead ? { outline: writeOutline(source.chart) } : {};
    parentPort?.postMessage({ form, ...outline } satisfies PrepareAnswer, [form.buffer]);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    parentPort?.postMessage({ refused: error.toBody() } satisfies PrepareAnswer);
  }
}

parentPort?.postMessage('ready');
