import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, it } from 'vitest';
import { isStrictVersion, parseVersion, sortKey } from './version.ts';

// npm's semver is an independent reading of SemVer 2. Versions are compared with it where both have the same rules:
// numbers up to 2^53 - 1, and texts without white space at either end. ADR 34 has the places where they differ.

const largest = fc.oneof(fc.nat(12), fc.nat(2 ** 31 - 1), fc.constant(Number.MAX_SAFE_INTEGER));

/** Generates strict versions whose numbers come from `number`. */
function versionsOf(number: fc.Arbitrary<number>): fc.Arbitrary<string> {
  const word = fc.stringMatching(/^[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,3}$/);
  const identifier = fc.oneof(number.map(String), word);
  return fc
    .tuple(number, number, number, fc.array(identifier, { maxLength: 3 }), fc.constantFrom('', '+b', '+01.x'))
    .map(([major, minor, patch, prerelease, build]) => {
      const tail = prerelease.length > 0 ? `-${prerelease.join('.')}` : '';
      return `${major}.${minor}.${patch}${tail}${build}`;
    });
}

function keyOf(text: string): string {
  const parsed = parseVersion(text);
  if (!parsed) throw new Error(`${text} is not a version`);
  return sortKey(parsed);
}

describe('versions and the npm package semver', () => {
  it('versions have sort keys in the order of its comparison', () => {
    const version = versionsOf(largest);
    fc.assert(
      fc.property(version, version, (left, right) => {
        const bytes = Buffer.compare(Buffer.from(keyOf(left)), Buffer.from(keyOf(right)));
        expect(Math.sign(bytes), `${left} ${right}`).toBe(semver.compare(left, right));
      }),
      { numRuns: 2000 },
    );
  });

  it('versions are strict where it reads them, but for a leading v', () => {
    // Small numbers, since an edit that removes a dot joins two of them.
    const almost = fc
      .tuple(
        versionsOf(fc.nat(9999)),
        fc.nat(40),
        fc.nat(2),
        fc.constantFrom('', '0', '.', '-', '+', 'v', 'x', '..', '-0', 'ü'),
      )
      .map(([text, at, removed, added]) => text.slice(0, at) + added + text.slice(at + removed));
    fc.assert(
      fc.property(almost, (text) => {
        const isRead = semver.valid(text) !== null && !text.startsWith('v');
        expect(isStrictVersion(text), text).toBe(isRead);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['1.2', 'v2', '01.2.3', '9007199254740992.0.0'])(
    'versions load as %s, which it refuses',
    (text) => {
      expect(parseVersion(text)).toBeDefined();
      expect(semver.parse(text)).toBeNull();
    },
  );

  it('versions differ in numbers of pre-releases that it takes for the same', () => {
    const [lower, higher] = ['1.0.0-9007199254740992', '1.0.0-9007199254740993'] as const;
    expect(keyOf(lower) < keyOf(higher)).toBe(true);
    expect(semver.compare(lower, higher)).toBe(0);
  });
});
