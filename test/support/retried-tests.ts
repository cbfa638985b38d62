import type { Reporter, TestCase } from 'vitest/node';

/**
 * Reporter that names the tests that failed first and passed when they were tried again. Such a test has a fault, or has
 * found one: a race that comes seldom.
 */
export class RetriedTests implements Reporter {
  readonly #retried: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (!test.diagnostic()?.flaky) return;
    const faults = test.result().errors?.map(({ message }) => message.split('\n')[0]) ?? [];
    this.#retried.push([`${test.module.relativeModuleId} > ${test.fullName}`, ...faults].join('\n    '));
  }

  onTestRunEnd(): void {
    if (this.#retried.length === 0) return;
    const list = this.#retried.map((name) => `  ${name}\n`).join('');
    process.stdout.write(`passed at the second try, and to be mended:\n${list}`);
  }
}
