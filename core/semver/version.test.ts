import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStrictVersion, parseVersion, sortKey, type Version } from './version.ts';

describe('parseVersion', () => {
  it.each([
    '1.2.3',
    'v1.2',
    '1',
    '01.02.003',
    '1.2.3-rc.1+build.01',
    '1.0.0-0',
    '1.0.0--',
    '18446744073709551615.0.0',
  ])('parseVersion reads %s as Helm does', (text) => expect(parseVersion(text)).toBeDefined());

  it.each([
    '',
    'latest',
    '1.2.3.4',
    '1..2',
    'V1',
    '1.2-',
    '1.0.0-01',
    '1.0.0-a..b',
    '1.0.0+',
    '1.0.0+ü',
    ' 1.0.0',
    '1.0.0\n',
  ])('parseVersion refuses %j', (text) => expect(parseVersion(text)).toBeUndefined());

  it('parseVersion refuses parts over 64 bits and texts over 256 characters', () => {
    expect(parseVersion('18446744073709551616.0.0')).toBeUndefined();
    expect(parseVersion(`1.0.0-${'a'.repeat(250)}`)).toBeDefined();
    expect(parseVersion(`1.0.0-${'a'.repeat(251)}`)).toBeUndefined();
  });

  it('parseVersion sets missing parts to 0', () => {
    expect(parseVersion('v2')).toEqual({ major: 2n, minor: 0n, patch: 0n, prerelease: [], build: '' });
  });
});

describe('isStrictVersion', () => {
  it('isStrictVersion accepts SemVer 2 versions of at most 128 characters only', () => {
    for (const text of ['1.2.3', '0.0.0', '1.2.3-rc.1', '1.2.3-0a', '1.2.3+01']) {
      expect(isStrictVersion(text), text).toBe(true);
    }
    for (const text of ['v1.2.3', '1.2', '1', '01.2.3', '1.2.3-01', '1.2.3-', `1.0.0-${'a'.repeat(123)}`]) {
      expect(isStrictVersion(text), text).toBe(false);
    }
  });
});

const keyOf = (text: string): string => {
  const version = parseVersion(text);
  if (!version) throw new Error(`${text} is not a version`);
  return sortKey(version);
};

describe('sortKey', () => {
  it("sortKey sorts the specification's example in its order", () => {
    const order = [
      '0.9.0',
      '1.0.0-1',
      '1.0.0-2',
      '1.0.0-10',
      '1.0.0--',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-alpha-1',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1-0',
      '1.2.0',
      '1.10.0',
      '2.0.0',
    ];
    expect(order.map(keyOf).sort()).toEqual(order.map(keyOf));
  });

  it('sortKey ignores build metadata', () => {
    expect(keyOf('1.0.0-a+x')).toBe(keyOf('1.0.0-a+y'));
  });

  it('sortKey sorts any two versions by precedence, compared as bytes', () => {
    const part = fc.oneof(fc.nat(12), fc.bigInt(0n, 2n ** 64n - 1n)).map(BigInt);
    const name = fc.oneof(
      fc.nat(120).map(String),
      fc.stringMatching(/^[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,3}$/),
    );
    const version = fc.record({
      major: part,
      minor: part,
      patch: part,
      prerelease: fc.array(name, { maxLength: 3 }),
      build: fc.constantFrom('', 'b'),
    });
    fc.assert(
      fc.property(version, version, (left, right) => {
        const bytes = Buffer.compare(Buffer.from(sortKey(left)), Buffer.from(sortKey(right)));
        expect(Math.sign(bytes)).toBe(compare(left, right));
      }),
      { numRuns: 2000 },
    );
  });
});

/** Compares two versions by SemVer 2, section 11. */
function compare(left: Version, right: Version): number {
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (left[part] !== right[part]) return left[part] < right[part] ? -1 : 1;
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0) {
    return Math.sign(right.prerelease.length - left.prerelease.length);
  }
  for (const [index, mine] of left.prerelease.entries()) {
    const other = right.prerelease[index];
    if (other === undefined) return 1;
    if (mine === other) continue;
    const [mineNumeric, otherNumeric] = [/^[0-9]+$/.test(mine), /^[0-9]+$/.test(other)];
    if (mineNumeric && otherNumeric) return BigInt(mine) < BigInt(other) ? -1 : 1;
    if (mineNumeric !== otherNumeric) return mineNumeric ? -1 : 1;
    return mine < other ? -1 : 1;
  }
  return left.prerelease.length < right.prerelease.length ? -1 : 0;
}
