import { once } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { workerEntryUrl } from '../../core/runtime/threads/thread.ts';

const report = z.object({
  /** Checks that took long; times in milliseconds since 1970. */
  slow: z.array(z.object({ startedAt: z.number(), ms: z.number() })),
  maxMs: z.number(),
  failed: z.number(),
});

/** Health checks since the last report. */
export type HealthReport = z.output<typeof report>;

/** Measures how long a registry's health checks take. */
export interface HealthWatch {
  /** Returns the checks since the last call. */
  readAndReset(): Promise<HealthReport>;
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
