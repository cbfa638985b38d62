import { parentPort } from 'node:worker_threads';
import type { ChartLimits } from '../core/archive/limits.ts';
import { type ErrorBody, RegistryError } from '../core/errors.ts';
import { isLarge, type LargeSource, reduceLarge } from './large-sources.ts';
import { readSource } from './read-source.ts';
import { packSource, type SourceMessage } from './source-message.ts';

/** Request to the thread: an archive to read and prepare. */
export interface PrepareRequest {
  archive: Uint8Array;
  limits: ChartLimits;
}

/** Response of the thread. `refused` is a client's error; an error of the program ends the thread. */
export type PrepareAnswer = { source: SourceMessage } | { large: LargeSource } | { refused: ErrorBody };

parentPort?.on('message', ({ archive, limits }: PrepareRequest) => {
  // Leave a rejection uncaught: it ends the thread with the error, and the caller gets it.
  void answer(Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength), limits);
});

async function answer(archive: Buffer, limits: ChartLimits): Promise<void> {
  try {
    const loaded = reduceLarge(await readSource(archive, limits));
    if (isLarge(loaded)) return parentPort?.postMessage({ large: loaded } satisfies PrepareAnswer);
    const source = packSource(loaded);
    parentPort?.postMessage({ source } satisfies PrepareAnswer, [source.bytes]);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    parentPort?.postMessage({ refused: error.toBody() } satisfies PrepareAnswer);
  }
}

parentPort?.postMessage('ready');
