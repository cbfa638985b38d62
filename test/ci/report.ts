import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { z } from 'zod';

/** Run of one test file in one project. */
const failedFileSchema = z.object({
  project: z.string(),
  file: z.string(),
  passed: z.number(),
  /** Tests that failed; a file that fails outside its tests counts as one. */
  failed: z.number(),
  /** Each failure by the name of its test and the first line of its error. */
  faults: z.array(z.string()),
});
export type FailedFile = z.infer<typeof failedFileSchema>;

/** Result of a run of tests, as it is kept in a file. */
export const reportSchema = z.object({
  passed: z.number(),
  failed: z.number(),
  /** Errors outside of all files, such as a rejection that nothing handled. */
  unhandled: z.number(),
  failedFiles: z.array(failedFileSchema),
});
export type Report = z.infer<typeof reportSchema>;

/** Reporter of Vitest that writes the result of the run into a file. */
export class WriteReport implements Reporter {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const files = modules.map((module) => ({ ok: module.ok(), ...describeFile(module) }));
    const sum = (key: 'passed' | 'failed') => files.reduce((total, file) => total + file[key], 0);
    const report: Report = {
      passed: sum('passed'),
      failed: sum('failed'),
      unhandled: unhandledErrors.length,
      failedFiles: files.filter(({ ok }) => !ok).map(({ ok, ...file }) => file),
    };
    writeFileSync(this.#path, JSON.stringify(report));
  }
}

function describeFile(module: TestModule): FailedFile {
  const tests = [...module.children.allTests()];
  const failures = tests.filter((test) => test.result().state === 'failed');
  const faults = failures.map((test) => `${test.fullName}: ${firstLine(test.result().errors?.[0]?.message)}`);
  const outside = module.errors().map(({ message }) => firstLine(message));
  for (const suite of module.children.allSuites()) {
    outside.push(...suite.errors().map(({ message }) => `${suite.fullName}: ${firstLine(message)}`));
  }
  return {
    project: module.project.name,
    file: module.relativeModuleId,
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed: failures.length + (failures.length === 0 && !module.ok() ? 1 : 0),
    faults: [...faults, ...outside],
  };
}

function firstLine(text = ''): string {
  return text.split('\n')[0] ?? '';
}
