import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createOffsetPlaceFinder } from './text-places.ts';

it('a place counts lines and characters from 1, whatever the characters are', () => {
  const parts = fc.constantFrom('a', 'ü', '😀', '\u{20000}', '\n', '\r\n', '\t', '字');
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 40 }), fc.nat(), (characters, pick) => {
      const before = characters.slice(0, pick % (characters.length + 1)).join('');
      const lines = before.split('\n');
      expect(createOffsetPlaceFinder(characters.join(''))(before.length)).toEqual({
        line: lines.length,
        column: [...(lines.at(-1) ?? '')].length + 1,
      });
    }),
  );
});
