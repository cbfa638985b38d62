import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule, TestRunEndReason, TestSpecification } from 'vitest/node';
import { z } from 'zod';

/** Run of one test file in one project. */
const failedFileSchema = z.object({
  project: z.string(),
  file: z.string(),
  /** Tests that passed or failed; skipped ones are left out. */
  tests: z.number(),
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
  /** Files that have no result, since their process died or the run was interrupted. */
  lost: z.number(),
  failedFiles: z.array(failedFileSchema),
});
export type Report = z.infer<typeof reportSchema>;

/** Reporter of Vitest that writes the result of the run into a file. */
export class WriteReport implements Reporter {
  readonly #path: string;
  /** Files of the run. */
  #files = 0;

  constructor(path: string) {
    this.#path = path;
  }

  onTestRunStart(files: readonly TestSpecification[]): void {
    this.#files = files.length;
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly unknown[],
    reason: TestRunEndReason,
  ): void {
    const lost = this.#files - modules.filter(hasResult).length;
    const files = modules.map((module) => ({ ok: module.ok(), ...describeFile(module) }));
    const sum = (key: 'passed' | 'failed') => files.reduce((total, file) => total + file[key], 0);
    const report: Report = {
      passed: sum('passed'),
      failed: sum('failed'),
      unhandled: unhandledErrors.length,
      lost: reason === 'interrupted' ? Math.max(1, lost) : lost,
      failedFiles: files.filter(({ ok }) => !ok).map(({ ok, ...file }) => file),
    };
    writeFileSync(this.#path, JSON.stringify(report));
  }
}

/** Tells whether a file was run to its end. */
function hasResult(module: TestModule): boolean {
  return ['passed', 'failed', 'skipped'].includes(module.state());
}

function describeFile(module: TestModule): FailedFile {
  const tests = [...module.children.allTests()];
  const failures = tests.filter((test) => test.result().state === 'failed');
  const faults = failures.map((test) => `${test.fullName}: ${firstLine(test.result().errors?.[0]?.message)}`);
  const outside = module.errors().map(({ message }) => firstLine(message));
  for (const suite of module.children.allSuites()) {
    outside.push(...suite.errors().map(({ message }) => `${suite.fullName}: ${firstLine(message)}`));
  }
  const passed = tests.filter((test) => test.result().state === 'passed').length;
  return {
    project: module.project.name,
    file: module.relativeModuleId,
    tests: passed + failures.length,
    passed,
    failed: failures.length + (failures.length === 0 && !module.ok() ? 1 : 0),
    faults: [...faults, ...outside],
  };
}

function firstLine(text = ''): string {
  return text.split('\n')[0] ?? '';
}
