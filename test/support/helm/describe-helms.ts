import { describe } from 'vitest';
import { type Helm, hasHelm, helms } from './program.ts';

/** Runs tests with each major version of Helm. One that is not on the PATH is skipped. */
export function describeHelms(title: string, tests: (helm: Helm) => void): void {
  for (const helm of helms) {
    const { major, command } = helm;
    describe.skipIf(!hasHelm(helm))(`${title}: Helm ${major} (left out without ${command} on the PATH)`, () =>
      tests(helm),
    );
  }
}
