import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NextStep, nextSteps, nextVersion, sortKeyPrefixOfLine } from './next-version.ts';
import { parseVersion, sortKey, type Version } from './version.ts';

function read(text: string): Version {
  const version = parseVersion(text);
  if (!version) throw new Error(`${text} is not a version`);
  return version;
}

const cases: [string, NextStep, string][] = [
  ['1.2.3', 'patch', '1.2.4'],
  ['1.2.3', 'minor', '1.3.0'],
  ['1.2.3', 'major', '2.0.0'],
  ['1.2.3', 'prerelease', '1.2.4-0'],
  ['1.2.3+build.7', 'patch', '1.2.4'],
  ['1.2.3-rc.1', 'patch', '1.2.3'],
  ['1.2.3-rc.1', 'minor', '1.3.0'],
  ['1.3.0-rc.1', 'minor', '1.3.0'],
  ['2.0.0-rc.1', 'major', '2.0.0'],
  ['2.1.0-rc.1', 'major', '3.0.0'],
  ['1.2.3-rc.9', 'prerelease', '1.2.3-rc.10'],
  ['1.2.3-rc', 'prerelease', '1.2.3-rc.0'],
  ['1.2.3-1.beta', 'prerelease', '1.2.3-2.beta'],
  ['1.2.3-rc.99999999999999999999', 'prerelease', '1.2.3-rc.100000000000000000000'],
];

const versions = fc
  .record({
    numbers: fc.array(fc.nat(20), { minLength: 3, maxLength: 3 }),
    prerelease: fc.array(fc.constantFrom('rc', '0', '9', '10', 'beta'), { maxLength: 3 }),
  })
  .map(({ numbers, prerelease }) =>
    prerelease.length > 0 ? `${numbers.join('.')}-${prerelease.join('.')}` : numbers.join('.'),
  );

describe('nextVersion', () => {
  it.each(cases)('the next version of %s by %s is %s', (version, step, next) => {
    expect(nextVersion(read(version), step)).toBe(next);
  });

  it('the next version is higher, and in the same line', () => {
    fc.assert(
      fc.property(versions, fc.constantFrom(...nextSteps), (text, step) => {
        const version = read(text);
        const next = read(nextVersion(version, step));
        expect(sortKey(next) > sortKey(version)).toBe(true);
        expect(sortKey(next).startsWith(sortKeyPrefixOfLine(version, step))).toBe(true);
      }),
    );
  });
});

describe('lineOf', () => {
  it('lineOf has the versions that a step counts among, and no others', () => {
    const among = (text: string, step: NextStep, other: string) =>
      sortKey(read(other)).startsWith(sortKeyPrefixOfLine(read(text), step));
    expect(among('1.2.3', 'patch', '1.2.30-rc.1')).toBe(true);
    expect(among('1.2.3', 'patch', '1.20.0')).toBe(false);
    expect(among('1.2.3', 'minor', '1.20.0')).toBe(true);
    expect(among('1.2.3', 'minor', '10.0.0')).toBe(false);
    expect(among('1.2.3', 'major', '10.0.0')).toBe(true);
  });
});
