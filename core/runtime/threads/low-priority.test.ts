import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

const isLinux = process.platform === 'linux';

it.skipIf(!isLinux)('lowers the priority of its thread and of no other', async () => {
  const program = new URL('./low-priority.ts', import.meta.url).href;
  const code = `
    import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(program)}); })
      .then(({ lowerPriority }) => {
        lowerPriority();
        const stat = require('node:fs').readFileSync('/proc/thread-self/stat', 'utf8');
        require('node:worker_threads').parentPort.postMessage(stat);
      });`;
  const before = getPriority();
  const stat = await new Promise<string>((resolve, reject) => {
    const worker = new Worker(code, { eval: true, execArgv: [] });
    worker.once('message', (message) => resolve(String(message))).once('error', reject);
  });
  expect(niceOf(stat)).toBe(Math.max(before, 10));
  expect(niceOf(readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8'))).toBe(before);
});

/** Reads the niceness from the text of /proc/PID/stat: the 17th field behind the name. */
function niceOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}
