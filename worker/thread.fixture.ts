import { parentPort } from 'node:worker_threads';

// A thread that does as it is told.
parentPort?.on('message', (order: string) => {
  if (order === 'throw') throw new Error('it went wrong');
  if (order === 'exit') process.exit(3);
  if (order === 'hang') for (;;);
  parentPort?.postMessage(`done: ${order}`);
});
