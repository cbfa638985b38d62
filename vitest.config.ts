import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { WriteReport } from './test/ci/report.ts';
import { aloneFiles } from './test/support/alone-files.ts';
import { startBuiltThreads } from './test/support/built-threads.ts';
import { missingForCompose } from './test/support/compose/missing.ts';
import { LongFirst } from './test/support/long-first.ts';

const common = {
  // Tests of twenty seconds, on a machine that is five times as slow.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // Shorter than a lease: a job that another worker has by then was released, its lease has not expired.
  expect: { poll: { timeout: 10_000 } },
  setupFiles: ['test/support/compare-bytes.ts'],
};
/** Report for CI, in the file that TEST_REPORT names. */
const report = process.env.TEST_REPORT ? [new WriteReport(process.env.TEST_REPORT)] : [];
const others = ['node_modules/**', 'dist/**', 'data/**'];

/** Describes tests whose registries are in their process. */
const embedded = (name: string, files: { include: string[]; exclude: string[] }, isolate: boolean) => ({
  // Files of the page import the client by the name of its package, which is not built here.
  resolve: {
    alias: {
      '@helm-registry/client': fileURLToPath(new URL('client/src/index.ts', import.meta.url)),
    },
  },
  plugins: [startBuiltThreads()],
  test: { name, ...files, provide: { stack: 'embedded' as const }, isolate, ...common },
});

export default defineConfig({
  test: {
    // Two workers keep two cores busy: a test starts other processes and waits for them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', ...report],
    sequence: { sequencer: LongFirst },
    projects: [
      embedded('embedded-alone', { include: aloneFiles, exclude: others }, true),
      // Two processes run these files one after the other: each loads the program once, which takes two seconds.
      embedded(
        'embedded',
        { include: ['**/*.test.ts'], exclude: [...others, 'test/compose/**', ...aloneFiles] },
        false,
      ),
      // Tests of the interface, on the processes and servers of docker-compose.yml.
      ...(missingForCompose().length > 0
        ? []
        : [
            {
              test: {
                name: 'compose',
                include: ['test/interface/**/*.test.ts', 'test/compose/**/*.test.ts'],
                globalSetup: ['test/support/compose/servers.ts'],
                provide: { stack: 'compose' as const },
                // Registries are processes of their own: files share none, and need no modules of their own.
                isolate: false,
                ...common,
              },
            },
          ]),
    ],
  },
});
