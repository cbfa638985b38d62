import { once } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { workerEntryUrl } from '../../core/runtime/threads/thread.ts';

const report = z.object({ maxMs: z.number(), failed: z.number() });

/** Measures how long a registry's health checks take. */
export interface HealthWatch {
  /** Returns the longest check since the last call in milliseconds, and the number that were not answered 200. */
  readAndReset(): Promise<z.output<typeof report>>;
  close(): Promise<void>;
}

/** Starts checking the health of a registry. */
export function watchHealth(url: string): HealthWatch {
  const file = workerEntryUrl(import.meta.url, 'health-thread');
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const register = JSON.stringify(new URL('dist/esm/api/index.mjs', loader).href);
  const code = `import(${register}).then(({ register }) => { register(); return import(${JSON.stringify(file.href)}); })`;
  const thread = new Worker(code, { eval: true, execArgv: [], workerData: url });
  return {
    async readAndReset() {
      const answered = once(thread, 'message');
      thread.postMessage('take');
      const [message] = await answered;
      return report.parse(message);
    },
    async close() {
      await thread.terminate();
    },
  };
}
