import { parentPort } from 'node:worker_threads';
import { lowerPriority } from '../runtime/threads/low-priority.ts';
import { type IndexAnswer, readUpstreamIndex } from './read-index.ts';

// Program of the thread that reads indexes: one of 14 MB takes seconds, for which the event loop must not wait.
lowerPriority();
parentPort?.on('message', (bytes: Uint8Array) => {
  const answer: IndexAnswer = readUpstreamIndex(new TextDecoder().decode(bytes));
  parentPort?.postMessage(answer);
});
parentPort?.postMessage('ready');
