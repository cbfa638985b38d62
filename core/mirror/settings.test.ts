import { expect, it } from 'vitest';
import { toMirrorFault } from './settings.ts';

it('a fault has a message that can be stored, whatever an upstream has put into it', () => {
  const code = 'manifest.invalid';
  expect(toMirrorFault({ code, message: 'a\0b\nc' }).message).toBe('a?b\nc');
  expect(toMirrorFault({ code, message: 'x'.repeat(1_000) }).message).toBe('x'.repeat(1_000));
  // The last character that is kept has two units, and only its first one fits.
  const long = toMirrorFault({ code, message: `${'x'.repeat(998)}😀${'y'.repeat(4_000_000)}` }).message;
  expect(long).toBe(`${'x'.repeat(998)}?…`);
});
