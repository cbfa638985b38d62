import { describe } from 'vitest';
import { type Helm, hasHelm, helms } from './program.ts';

/** Tests with each major of Helm. Those with one that is not on the PATH are left out, and say so. */
export function describeHelms(title: string, tests: (helm: Helm) => void): void {
  for (const helm of helms) {
    const { major, command } = helm;
    describe.skipIf(!hasHelm(helm))(`${title}: Helm ${major} (left out without ${command} on the PATH)`, () =>
      tests(helm),
    );
  }
}
