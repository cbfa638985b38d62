import { expect } from 'vitest';

/** Mark of a process in which bytes are compared so. Files of tests that share a process run this one again for each. */
const mark = Symbol.for('helm-registry.compareBytes');

// Compares bytes at once. Vitest compares them one by one, which takes seconds for an archive of a megabyte. A process adds
// the comparison once, since each that is added is called for each pair of values.
if (!Reflect.has(globalThis, mark)) {
  Reflect.set(globalThis, mark, true);
  expect.addEqualityTesters([
    (left, right) => {
      if (!(left instanceof Uint8Array && right instanceof Uint8Array)) return undefined;
      // Whether a Buffer equals another array of bytes depends on the matcher.
      if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return undefined;
      return Buffer.compare(left, right) === 0;
    },
  ]);
}
