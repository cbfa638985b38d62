import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, orderFiles } from './chart-order.ts';

describe('compareBytes', () => {
  it('compareBytes orders texts as their UTF-8 bytes', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '/', 'é', '\u{E000}', '\u{FFFD}', '\u{1F600}', '\u{10000}'),
    });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const wanted = Buffer.compare(Buffer.from(left), Buffer.from(right));
        expect(Math.sign(compareBytes(left, right))).toBe(wanted);
      }),
    );
  });
});

describe('orderFiles', () => {
  it('orderFiles puts Chart.yaml and values.yaml first, then the rest by bytes', () => {
    const paths = ['z', 'values.yaml', 'a/b', 'Chart.yaml', 'a.b', 'Chart.lock'];
    const files = new Map(paths.map((path) => [path, Buffer.from(path)]));
    expect(orderFiles(files).map(([path]) => path)).toEqual([
      'Chart.yaml',
      'values.yaml',
      'Chart.lock',
      'a.b',
      'a/b',
      'z',
    ]);
  });
});
