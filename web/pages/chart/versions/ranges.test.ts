import { expect, it } from 'vitest';
import { describeRangeFault, listOfferedRanges } from './ranges.ts';

it('ranges are offered around the shown version', () => {
  expect(listOfferedRanges('1.4.2+build')).toEqual([
    { range: '~1.4', label: '1.4.x' },
    { range: '^1', label: '1.x' },
    { range: '>1.4.2', label: 'newer than this' },
  ]);
  expect(listOfferedRanges('2.0.0-rc.1').at(-1)?.range).toBe('>2.0.0-rc.1');
  expect(listOfferedRanges('odd')).toEqual([]);
});

it.each(['', '^1.2', '~1.4.0', '>=1 <3', '1.x', '1 || 2', '1.2.3 - 2', '*', '>=1.0.0-rc.1, <2'])(
  '%j may be a range',
  (text) => {
    expect(describeRangeFault(text)).toBeUndefined();
  },
);

it.each(['>', '>=1 <', '1 ||', '|| 1', '<script>', 'a"b', '1'.repeat(201)])(
  '%j is refused with a hint',
  (text) => {
    expect(describeRangeFault(text)).toMatch(/range/i);
  },
);
