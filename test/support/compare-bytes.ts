import { expect } from 'vitest';

// Compares bytes at once. Vitest compares them one by one, which takes seconds for an archive of a megabyte.
expect.addEqualityTesters([
  (left, right) => {
    if (!(left instanceof Uint8Array && right instanceof Uint8Array)) return undefined;
    // Whether a Buffer equals another array of bytes depends on the matcher.
    if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return undefined;
    return Buffer.compare(left, right) === 0;
  },
]);
